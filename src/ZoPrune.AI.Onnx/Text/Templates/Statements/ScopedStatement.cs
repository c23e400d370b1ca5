namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A block with variables of its own: <c>with</c>, and the bodies of other blocks.</summary>
internal sealed class ScopedStatement(
    int line, IReadOnlyList<(AssignmentTarget Target, Expression Value)> variables, Statement body) : Statement(line)
{
    protected override Completion Run(RenderContext context)
    {
        var scope = new Scope(context.Scope);
        foreach (var (target, value) in variables)
        {
            target.Assign(value.Evaluate(context), scope, context);
        }

        return RunInScope(body, scope, context);
    }
}
