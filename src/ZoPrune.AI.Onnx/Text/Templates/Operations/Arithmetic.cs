namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Python's arithmetic, on 64-bit integers.</summary>
internal static class Arithmetic
{
    public static TemplateValue Apply(string operation, TemplateValue left, TemplateValue right, RenderContext context)
    {
        if ((left as UndefinedValue ?? right as UndefinedValue) is { } undefined)
        {
            throw context.Error(undefined.Description + ".");
        }

        return (operation, left, right) switch
        {
            ("+", TextValue a, TextValue b) => Concatenate(a, b, context),
            ("+", TextValue, _) or ("+", _, TextValue) when context.Dialect == TokenizerDialect.GenAI => Join(left, right, context),
            ("+", ListValue a, ListValue b) when a.IsTuple == b.IsTuple => Concatenate(a, b, context),
            ("*", TextValue a, _) when Numbers.TryInteger(right, out var count) => Repeat(a, count, context),
            ("*", _, TextValue b) when Numbers.TryInteger(left, out var count) => Repeat(b, count, context),
            ("*", ListValue a, _) when Numbers.TryInteger(right, out var count) => Repeat(a, count, context),
            ("*", _, ListValue b) when Numbers.TryInteger(left, out var count) => Repeat(b, count, context),
            ("%", TextValue a, _) => PercentFormat.Apply(a.Text, right is ListValue { IsTuple: true } many ? many.Items : [right], context),
            _ => Number(operation, left, right, context),
        };
    }

    public static TemplateValue Negate(TemplateValue value, RenderContext context) => value switch
    {
        FloatValue number => new FloatValue(-number.Value),
        _ when Numbers.TryInteger(value, out var integer) => Number("-", new IntegerValue(0), new IntegerValue(integer), context),
        UndefinedValue undefined => throw context.Error(undefined.Description + "."),
        _ => throw context.Error($"bad operand type for unary -: '{value.TypeName}'."),
    };

    private static TemplateValue Number(string operation, TemplateValue left, TemplateValue right, RenderContext context)
    {
        if (!Numbers.IsNumber(left) || !Numbers.IsNumber(right))
        {
            throw context.Error($"unsupported operand types for {operation}: '{left.TypeName}' and '{right.TypeName}'.");
        }

        try
        {
            return operation != "/" && Numbers.TryInteger(left, out var a) && Numbers.TryInteger(right, out var b)
                ? Integers(operation, a, b, context)
                : Floats(operation, Numbers.ToDouble(left), Numbers.ToDouble(right), context);
        }
        catch (OverflowException e)
        {
            throw new ChatTemplateException(context.TemplateName, context.Line, "a number is beyond 64 bits.", e);
        }
    }

    private static TemplateValue Integers(string operation, long left, long right, RenderContext context) => operation switch
    {
        "+" => new IntegerValue(checked(left + right)),
        "-" => new IntegerValue(checked(left - right)),
        "*" => new IntegerValue(checked(left * right)),
        "//" or "%" when right == 0 => throw context.Error("division by zero."),
        "//" => new IntegerValue(checked(left / right) - (left % right != 0 && (left < 0) != (right < 0) ? 1 : 0)),
        "%" when right == -1 => new IntegerValue(0),
        "%" => new IntegerValue(((left % right) + right) % right),
        _ => Power(left, right),
    };

    private static TemplateValue Power(long value, long exponent)
    {
        if (exponent < 0)
        {
            return new FloatValue(Math.Pow(value, exponent));
        }

        var result = 1L;
        for (var factor = value; exponent > 0; exponent >>= 1)
        {
            result = (exponent & 1) == 1 ? checked(result * factor) : result;
            factor = exponent > 1 ? checked(factor * factor) : factor;
        }

        return new IntegerValue(result);
    }

    private static FloatValue Floats(string operation, double left, double right, RenderContext context) => operation switch
    {
        "+" => new FloatValue(left + right),
        "-" => new FloatValue(left - right),
        "*" => new FloatValue(left * right),
        "/" or "//" or "%" when right == 0 => throw context.Error("division by zero."),
        "/" => new FloatValue(left / right),
        "//" => new FloatValue(Math.Floor(left / right)),
        "%" => new FloatValue(left - (right * Math.Floor(left / right))),
        _ => new FloatValue(Math.Pow(left, right)),
    };

    private static TextValue Concatenate(TextValue left, TextValue right, RenderContext context)
    {
        var text = new TracedTextBuilder(context);
        text.Append(left.Text);
        text.Append(right.Text);
        return new TextValue(text.ToText());
    }

    private static TextValue Join(TemplateValue left, TemplateValue right, RenderContext context)
    {
        var text = new TracedTextBuilder(context);
        left.Write(text, context);
        right.Write(text, context);
        return new TextValue(text.ToText());
    }

    private static ListValue Concatenate(ListValue left, ListValue right, RenderContext context)
    {
        context.Charge(left.Items.Count + right.Items.Count);
        return new ListValue([.. left.Items, .. right.Items], left.IsTuple);
    }

    private static TextValue Repeat(TextValue text, long count, RenderContext context)
    {
        var result = new TracedTextBuilder(context);
        for (var i = 0L; i < count && text.Text.Length > 0; i++)
        {
            result.Append(text.Text);
        }

        return new TextValue(result.ToText());
    }

    private static ListValue Repeat(ListValue list, long count, RenderContext context)
    {
        var items = new List<TemplateValue>();
        for (var i = 0L; i < count && list.Items.Count > 0; i++)
        {
            context.Charge(list.Items.Count);
            items.AddRange(list.Items);
        }

        return new ListValue(items, list.IsTuple);
    }
}
