namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>not operand</c>.</summary>
internal sealed class NotExpression(int line, Expression operand) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context) => BooleanValue.Of(!operand.Evaluate(context).IsTrue);
}
