namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A <c>namespace()</c>: the only value whose attributes a template can set.</summary>
internal sealed class NamespaceValue : TemplateValue
{
    public Dictionary<string, TemplateValue> Attributes { get; } = new(StringComparer.Ordinal);

    public override string TypeName => "Namespace";

    public override bool IsTrue => true;

    public override void Write(TracedTextBuilder text, RenderContext context) => text.Append("<Namespace>", isUser: false);

    public override TemplateValue? Attribute(string name, RenderContext context) => Attributes.GetValueOrDefault(name);

    public override TemplateValue? Item(TemplateValue key, RenderContext context) =>
        key is TextValue text ? Attributes.GetValueOrDefault(text.Value) : null;
}
