namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>and</c>, <c>or</c>: the operand that decides.</summary>
internal sealed class LogicalExpression(int line, bool isAnd, IReadOnlyList<Expression> operands) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context)
    {
        for (var i = 0; ; i++)
        {
            var value = operands[i].Evaluate(context);
            if (value.IsTrue != isAnd || i == operands.Count - 1)
            {
                return value;
            }
        }
    }
}
