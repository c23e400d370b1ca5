namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>The filters, by name.</summary>
internal static class Filters
{
    public static TemplateValue Apply(string name, TemplateValue value, CallArguments arguments, RenderContext context)
    {
        context.ChargeText(value is TextValue text ? text.Text.Length : 0);
        return TextFilters.Apply(name, value, arguments, context)
            ?? SequenceFilters.Apply(name, value, arguments, context)
            ?? ValueFilters.Apply(name, value, arguments, context)
            ?? throw context.Error($"unknown filter '{name}'.");
    }
}
