namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>The tests behind <c>is</c>, by name.</summary>
internal static class Tests
{
    public static bool Holds(string name, TemplateValue value, CallArguments arguments, RenderContext context)
    {
        context.ChargeText(value is TextValue input ? input.Text.Length : 0);
        switch (name)
        {
            case "equalto" or "eq" or "==":
                return Comparison.AreEqual(value, Other(arguments), context);
            case "ne" or "!=":
                return !Comparison.AreEqual(value, Other(arguments), context);
            case "lt" or "lessthan" or "<":
                return Comparison.Compare(value, Other(arguments), "<", context) < 0;
            case "le" or "<=":
                return Comparison.Compare(value, Other(arguments), "<=", context) <= 0;
            case "gt" or "greaterthan" or ">":
                return Comparison.Compare(value, Other(arguments), ">", context) > 0;
            case "ge" or ">=":
                return Comparison.Compare(value, Other(arguments), ">=", context) >= 0;
            case "in":
                return Comparison.Contains(Other(arguments), value, context);
            case "sameas":
                return IsSame(value, Other(arguments));
            case "divisibleby":
                return Arithmetic.Apply("%", value, Other(arguments), context) is IntegerValue { Value: 0 } or FloatValue { Value: 0 };
        }

        arguments.Require(0);
        return name switch
        {
            "defined" => value is not UndefinedValue,
            "undefined" => value is UndefinedValue,
            "none" => value is NoneValue,
            "string" => value is TextValue,
            "mapping" => value is DictionaryValue,
            "iterable" => value is TextValue or ListValue or DictionaryValue or UndefinedValue,
            "sequence" => value is TextValue or ListValue or DictionaryValue or UndefinedValue,
            "number" => Numbers.IsNumber(value),
            "integer" => value is IntegerValue,
            "float" => value is FloatValue,
            "boolean" => value is BooleanValue,
            "true" => value == BooleanValue.True,
            "false" => value == BooleanValue.False,
            "callable" => value is FunctionValue or UndefinedValue,
            "odd" => IsRemainder(value, 1, context),
            "even" => IsRemainder(value, 0, context),
            "lower" => IsCased(value, char.IsLower, char.IsUpper, context),
            "upper" => IsCased(value, char.IsUpper, char.IsLower, context),
            "escaped" => false,
            _ => throw context.Error($"unknown test '{name}'."),
        };
    }

    private static TemplateValue Other(CallArguments arguments)
    {
        arguments.Require(1, "other");
        return arguments.Positional[0];
    }

    private static bool IsSame(TemplateValue left, TemplateValue right) => (left, right) switch
    {
        (IntegerValue a, IntegerValue b) => a.Value == b.Value,
        (TextValue a, TextValue b) => a.Value == b.Value,
        _ => ReferenceEquals(left, right),
    };

    private static bool IsRemainder(TemplateValue value, long remainder, RenderContext context) =>
        Numbers.ToDouble(Arithmetic.Apply("%", value, new IntegerValue(2), context)) == remainder;

    private static bool IsCased(TemplateValue value, Func<char, bool> wanted, Func<char, bool> unwanted, RenderContext context)
    {
        var text = value.ToText(context).Value;
        return text.Any(wanted) && !text.Any(unwanted);
    }
}
