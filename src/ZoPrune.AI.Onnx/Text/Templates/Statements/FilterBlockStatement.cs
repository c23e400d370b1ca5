namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>filter</c> … <c>endfilter</c>.</summary>
internal sealed class FilterBlockStatement(int line, Statement body, FilterChain filters) : Statement(line)
{
    protected override Completion Run(RenderContext context)
    {
        var text = context.Capture(new ScopedStatement(Line, [], body));
        filters.Apply(new TextValue(text), context).Write(context.Output, context);
        return Completion.Normal;
    }
}
