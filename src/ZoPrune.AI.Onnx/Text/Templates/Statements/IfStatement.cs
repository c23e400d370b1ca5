namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>if</c>, <c>elif</c>, <c>else</c>.</summary>
internal sealed class IfStatement(
    int line, IReadOnlyList<(Expression Condition, Statement Body)> branches, Statement? otherwise) : Statement(line)
{
    protected override Completion Run(RenderContext context)
    {
        foreach (var (condition, body) in branches)
        {
            if (condition.Evaluate(context).IsTrue)
            {
                return body.Execute(context);
            }
        }

        return otherwise?.Execute(context) ?? Completion.Normal;
    }
}
