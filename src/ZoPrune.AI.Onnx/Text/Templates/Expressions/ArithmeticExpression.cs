namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Operands joined from the left by operators of one precedence.</summary>
internal sealed class ArithmeticExpression(
    int line, Expression first, IReadOnlyList<(string Operation, Expression Operand)> rest) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context)
    {
        var value = first.Evaluate(context);
        foreach (var (operation, operand) in rest)
        {
            value = Arithmetic.Apply(operation, value, operand.Evaluate(context), context);
        }

        return value;
    }
}
