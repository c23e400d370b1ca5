namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A string.</summary>
internal sealed class TextValue(TracedText text) : TemplateValue
{
    public TracedText Text { get; } = text;

    public string Value => Text.Value;

    public override string TypeName => "str";

    public override bool IsTrue => Text.Length > 0;

    public static TextValue Template(string value) => new(TracedText.Of(value, isUser: false));

    public static TextValue User(string value) => new(TracedText.Of(value, isUser: true));

    public override void Write(TracedTextBuilder text, RenderContext context) => text.Append(Text);

    public override void WriteLiteral(TracedTextBuilder text, RenderContext context) => PythonLiteral.Write(Text, text);

    public override IEnumerable<TemplateValue> Elements(RenderContext context)
    {
        for (var position = 0; position < Text.Length;)
        {
            var length = CodePoints.LengthAt(Value, position);
            context.Charge(1);
            yield return new TextValue(Text.Slice(position, length));
            position += length;
        }
    }

    public override int? LengthOf() => CodePoints.Count(Value);

    public override TemplateValue? Attribute(string name, RenderContext context) => TextMethods.Find(this, name);

    public override TemplateValue? Item(TemplateValue key, RenderContext context)
    {
        if (!Numbers.TryInteger(key, out var index))
        {
            return null;
        }

        context.ChargeText(Text.Length);
        var offsets = CodePoints.Offsets(Value);
        var count = offsets.Length - 1;
        index = index < 0 ? index + count : index;
        return index >= 0 && index < count
            ? new TextValue(Text.Slice(offsets[index], offsets[index + 1] - offsets[index]))
            : null;
    }
}
