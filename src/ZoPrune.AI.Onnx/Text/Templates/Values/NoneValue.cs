namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>None.</summary>
internal sealed class NoneValue : TemplateValue
{
    private NoneValue()
    {
    }

    public static NoneValue Instance { get; } = new();

    public override string TypeName => "NoneType";

    public override bool IsTrue => false;

    public override void Write(TracedTextBuilder text, RenderContext context) => text.Append("None", isUser: false);
}
