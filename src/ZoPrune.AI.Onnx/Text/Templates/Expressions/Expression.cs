namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A node that gives a value.</summary>
internal abstract class Expression(int line)
{
    public int Line { get; } = line;

    public TemplateValue Evaluate(RenderContext context)
    {
        var outer = context.Enter(Line);
        var value = Compute(context);
        context.Leave(outer);
        return value;
    }

    protected abstract TemplateValue Compute(RenderContext context);
}
