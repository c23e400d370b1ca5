namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>owner[key]</c>.</summary>
internal sealed class ItemExpression(int line, Expression owner, Expression key) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context) =>
        Members.Item(owner.Evaluate(context), key.Evaluate(context), context);
}
