using System.Globalization;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Filters that give numbers or pass values on.</summary>
internal static class ValueFilters
{
    /// <summary>The result, or null if the name is not among these filters.</summary>
    public static TemplateValue? Apply(string name, TemplateValue value, CallArguments arguments, RenderContext context) => name switch
    {
        "default" or "d" => Default(value, arguments),
        "int" => ToInteger(value, arguments, context),
        "float" => ToFloat(value, arguments, context),
        "abs" => Absolute(value, arguments, context),
        "round" => Round(value, arguments, context),
        "attr" => Attribute(value, arguments, context),
        _ => null,
    };

    private static TemplateValue Default(TemplateValue value, CallArguments arguments)
    {
        arguments.Require(0, "default_value", "boolean");
        return value is UndefinedValue || (arguments.Flag(1, "boolean") && !value.IsTrue)
            ? arguments.Find(0, "default_value") ?? new TextValue(TracedText.Empty)
            : value;
    }

    private static TemplateValue ToInteger(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0, "default", "base");
        var otherwise = arguments.Find(0, "default") ?? new IntegerValue(0);
        switch (value)
        {
            case FloatValue number:
                return Truncate(number.Value, otherwise);
            case TextValue text:
                context.ChargeText(text.Text.Length);
                return Parse(text.Value.Trim(), arguments.Integer(1, "base", 10)) is { } parsed
                    ? new IntegerValue(parsed)
                    : double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
                        ? Truncate(real, otherwise)
                        : otherwise;
            default:
                return Numbers.TryInteger(value, out var integer) ? new IntegerValue(integer) : otherwise;
        }
    }

    private static TemplateValue Truncate(double value, TemplateValue otherwise) =>
        double.IsFinite(value) && Math.Abs(value) < long.MaxValue ? new IntegerValue((long)value) : otherwise;

    private static long? Parse(string text, long radix)
    {
        var digits = text.TrimStart('-', '+');
        if (digits.Length == 0 || text.Length - digits.Length > 1)
        {
            return null;
        }

        digits = radix switch
        {
            16 when digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase) => digits[2..],
            8 when digits.StartsWith("0o", StringComparison.OrdinalIgnoreCase) => digits[2..],
            2 when digits.StartsWith("0b", StringComparison.OrdinalIgnoreCase) => digits[2..],
            _ => digits,
        };
        var value = 0L;
        foreach (var character in digits)
        {
            var digit = char.IsAsciiHexDigit(character) ? Convert.ToInt32(character.ToString(), 16) : radix;
            if (digit >= radix || value > (long.MaxValue - digit) / radix)
            {
                return null;
            }

            value = (value * radix) + digit;
        }

        return text[0] == '-' ? -value : value;
    }

    private static TemplateValue ToFloat(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0, "default");
        if (Numbers.IsNumber(value))
        {
            return new FloatValue(Numbers.ToDouble(value));
        }

        context.ChargeText(value is TextValue given ? given.Text.Length : 0);
        return value is TextValue text && double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? new FloatValue(number)
            : arguments.Find(0, "default") ?? new FloatValue(0);
    }

    private static TemplateValue Absolute(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0);
        return value switch
        {
            FloatValue number => new FloatValue(Math.Abs(number.Value)),
            _ when Numbers.TryInteger(value, out var integer) => integer < 0
                ? Arithmetic.Negate(new IntegerValue(integer), context)
                : new IntegerValue(integer),
            _ => throw context.Error($"bad operand type for abs: '{value.TypeName}'."),
        };
    }

    private static TemplateValue Round(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(0, "precision", "method");
        if (!Numbers.IsNumber(value))
        {
            throw context.Error($"'round' needs a number, not '{value.TypeName}'.");
        }

        var precision = arguments.Integer(0, "precision", 0);
        if (arguments.Text(1, "method")?.Value is null or "common" && precision >= 0 && Numbers.TryInteger(value, out var integer))
        {
            return new IntegerValue(integer);
        }

        var number = Numbers.ToDouble(value);
        var scale = Math.Pow(10, precision);
        return new FloatValue(arguments.Text(1, "method")?.Value switch
        {
            null or "common" => precision is >= 0 and <= 15 ? Math.Round(number, (int)precision, MidpointRounding.ToEven)
                : precision < 0 ? Math.Round(number * scale, MidpointRounding.ToEven) / scale : number,
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            var method => throw context.Error($"'round' has no method '{method}'."),
        });
    }

    private static TemplateValue Attribute(TemplateValue value, CallArguments arguments, RenderContext context)
    {
        arguments.Require(1, "name");
        var name = arguments.Text(0, "name")?.Value ?? "";
        return value.Attribute(name, context) ?? new UndefinedValue($"'{value.TypeName}' has no attribute '{name}'");
    }
}
