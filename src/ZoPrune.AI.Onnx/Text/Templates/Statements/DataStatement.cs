namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Text of the template.</summary>
internal sealed class DataStatement(int line, string text) : Statement(line)
{
    protected override Completion Run(RenderContext context)
    {
        context.Output.Append(text, isUser: false);
        return Completion.Normal;
    }
}
