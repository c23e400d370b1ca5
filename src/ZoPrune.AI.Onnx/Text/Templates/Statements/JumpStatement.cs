namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary><c>break</c> or <c>continue</c>.</summary>
internal sealed class JumpStatement(int line, Completion completion) : Statement(line)
{
    protected override Completion Run(RenderContext context) => completion;
}
