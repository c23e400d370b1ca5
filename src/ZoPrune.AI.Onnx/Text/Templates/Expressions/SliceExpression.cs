namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>owner[from:to:by]</c>.</summary>
internal sealed class SliceExpression(int line, Expression owner, Expression? from, Expression? to, Expression? by) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context) => Slices.Apply(
        owner.Evaluate(context), from?.Evaluate(context), to?.Evaluate(context), by?.Evaluate(context), context);
}
