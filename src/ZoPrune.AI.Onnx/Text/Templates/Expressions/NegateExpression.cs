namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>-operand</c>.</summary>
internal sealed class NegateExpression(int line, Expression operand) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context) => Arithmetic.Negate(operand.Evaluate(context), context);
}
