namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>What a missing variable, attribute or item gives: empty text, no elements, false; an error in most operations.</summary>
/// <param name="description">What is missing, for errors.</param>
internal sealed class UndefinedValue(string description) : TemplateValue
{
    public string Description { get; } = description;

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    public override void Write(TracedTextBuilder text, RenderContext context)
    {
    }

    public override void WriteLiteral(TracedTextBuilder text, RenderContext context) => text.Append("Undefined", isUser: false);

    public override IEnumerable<TemplateValue> Elements(RenderContext context) => [];

    public override int? LengthOf() => 0;
}
