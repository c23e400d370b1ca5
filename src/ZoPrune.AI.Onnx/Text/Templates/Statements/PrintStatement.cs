namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>{{ value }}</c>.</summary>
internal sealed class PrintStatement(int line, Expression value) : Statement(line)
{
    protected override Completion Run(RenderContext context)
    {
        value.Evaluate(context).Write(context.Output, context);
        return Completion.Normal;
    }
}
