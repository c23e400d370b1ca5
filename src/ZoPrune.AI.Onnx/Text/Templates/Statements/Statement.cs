namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A node that writes output or changes variables.</summary>
internal abstract class Statement(int line)
{
    public int Line { get; } = line;

    public Completion Execute(RenderContext context)
    {
        var outer = context.Enter(Line);
        var completion = Run(context);
        context.Leave(outer);
        return completion;
    }

    protected abstract Completion Run(RenderContext context);

    /// <summary>Runs a statement with variables of its own.</summary>
    protected static Completion RunInScope(Statement body, Scope scope, RenderContext context)
    {
        var outer = context.Scope;
        context.Scope = scope;
        var completion = body.Execute(context);
        context.Scope = outer;
        return completion;
    }
}
