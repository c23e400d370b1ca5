namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>for</c>, with filter and <c>else</c>.</summary>
internal sealed class ForStatement(
    int line, AssignmentTarget target, Expression sequence, Expression? filter, Statement body, Statement? otherwise) : Statement(line)
{
    protected override Completion Run(RenderContext context)
    {
        var outer = context.Scope;
        var items = Sequences.ToList(sequence.Evaluate(context), context);
        if (filter is not null)
        {
            items = items.FindAll(item => Passes(item, context));
        }

        var loop = new LoopValue(items);
        for (; loop.Index < items.Count; loop.Index++)
        {
            var scope = new Scope(outer);
            scope.Set("loop", loop);
            target.Assign(items[loop.Index], scope, context);
            if (RunInScope(body, scope, context) == Completion.Break)
            {
                break;
            }
        }

        return items.Count == 0 && otherwise is not null ? RunInScope(otherwise, new Scope(outer), context) : Completion.Normal;
    }

    private bool Passes(TemplateValue item, RenderContext context)
    {
        var outer = context.Scope;
        context.Scope = new Scope(outer);
        target.Assign(item, context.Scope, context);
        var passes = filter!.Evaluate(context).IsTrue;
        context.Scope = outer;
        return passes;
    }
}
