namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>set target</c> … <c>endset</c>: the output of a block, through filters, becomes a value.</summary>
internal sealed class SetBlockStatement(int line, AssignmentTarget target, Statement body, FilterChain filters) : Statement(line)
{
    protected override Completion Run(RenderContext context)
    {
        var text = context.Capture(new ScopedStatement(Line, [], body));
        target.Assign(filters.Apply(new TextValue(text), context), context.Scope, context);
        return Completion.Normal;
    }
}
