using System.Globalization;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A whole number of 64 bits.</summary>
internal sealed class IntegerValue(long value) : TemplateValue
{
    public long Value { get; } = value;

    public override string TypeName => "int";

    public override bool IsTrue => Value != 0;

    public override void Write(TracedTextBuilder text, RenderContext context) =>
        text.Append(Value.ToString(CultureInfo.InvariantCulture), isUser: false);
}
