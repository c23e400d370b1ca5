namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A chain of comparisons: each neighbour pair must hold.</summary>
internal sealed class ComparisonExpression(
    int line, Expression first, IReadOnlyList<(string Operation, Expression Operand)> rest) : Expression(line)
{
    protected override TemplateValue Compute(RenderContext context)
    {
        var left = first.Evaluate(context);
        foreach (var (operation, operand) in rest)
        {
            var right = operand.Evaluate(context);
            if (!Holds(operation, left, right, context))
            {
                return BooleanValue.False;
            }

            left = right;
        }

        return BooleanValue.True;
    }

    private static bool Holds(string operation, TemplateValue left, TemplateValue right, RenderContext context) => operation switch
    {
        "==" => Comparison.AreEqual(left, right, context),
        "!=" => !Comparison.AreEqual(left, right, context),
        "in" => Comparison.Contains(right, left, context),
        "not in" => !Comparison.Contains(right, left, context),
        "<" => Comparison.Compare(left, right, operation, context) < 0,
        "<=" => Comparison.Compare(left, right, operation, context) <= 0,
        ">" => Comparison.Compare(left, right, operation, context) > 0,
        _ => Comparison.Compare(left, right, operation, context) >= 0,
    };
}
