using System.Globalization;
using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Replaces each character by another text, or by nothing.</summary>
internal sealed class RuneNormalizer(Func<Rune, string> map) : OriginNormalizer
{
    public override OriginText Normalize(OriginText text)
    {
        var result = new OriginTextBuilder();
        for (var position = 0; position < text.Text.Length;)
        {
            var rune = Rune.GetRuneAt(text.Text, position);
            result.Append(
                text.Origins[position] == TextOrigin.Run ? text.Text.AsSpan(position, 1) : map(rune), text.Origins[position]);
            position += rune.Utf16SequenceLength;
        }

        return result.Take();
    }

    /// <summary>Lower case, as Rust's <c>char::to_lowercase</c> has it.</summary>
    public static string ToLower(Rune rune) => rune.Value == 0x130 ? "i\u0307" : Rune.ToLowerInvariant(rune).ToString();

    /// <summary>Nothing for a non-spacing mark, else the character.</summary>
    public static string WithoutMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark
            ? ""
            : rune.ToString();
}
