namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Filters applied to the output of a block.</summary>
internal sealed class FilterChain(IReadOnlyList<(string Name, ArgumentList Arguments)> filters)
{
    public TemplateValue Apply(TemplateValue value, RenderContext context)
    {
        foreach (var (name, arguments) in filters)
        {
            value = Filters.Apply(name, value, arguments.Evaluate(name, context), context);
        }

        return value;
    }
}
