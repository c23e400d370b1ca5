namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Numbers of template values; booleans count as 0 and 1.</summary>
internal static class Numbers
{
    public static bool IsNumber(TemplateValue value) => value is IntegerValue or FloatValue or BooleanValue;

    public static bool TryInteger(TemplateValue value, out long integer)
    {
        integer = value switch
        {
            IntegerValue number => number.Value,
            BooleanValue flag => flag.IsTrue ? 1 : 0,
            _ => 0,
        };
        return value is IntegerValue or BooleanValue;
    }

    public static double ToDouble(TemplateValue value) =>
        value is FloatValue number ? number.Value : TryInteger(value, out var integer) ? integer : double.NaN;
}
