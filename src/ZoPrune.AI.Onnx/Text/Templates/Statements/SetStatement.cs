namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>set target = value</c>.</summary>
internal sealed class SetStatement(int line, AssignmentTarget target, Expression value) : Statement(line)
{
    protected override Completion Run(RenderContext context)
    {
        target.Assign(value.Evaluate(context), context.Scope, context);
        return Completion.Normal;
    }
}
