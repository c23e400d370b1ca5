namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A number, string, true, false or none.</summary>
internal sealed class LiteralExpression(int line, TemplateValue value) : Expression(line)
{
    public TemplateValue Value { get; } = value;

    protected override TemplateValue Compute(RenderContext context) => Value;
}
