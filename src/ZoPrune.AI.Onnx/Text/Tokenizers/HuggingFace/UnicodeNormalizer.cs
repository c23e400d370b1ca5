using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>NFC, NFD, NFKC or NFKD.</summary>
/// <remarks>Works on parts that begin with an ASCII character, which never combines with what stands before it.</remarks>
internal sealed class UnicodeNormalizer(NormalizationForm form) : OriginNormalizer
{
    public override OriginText Normalize(OriginText text)
    {
        if (Ascii.IsValid(text.Text))
        {
            return text;
        }

        var result = new OriginTextBuilder();
        for (var start = 0; start < text.Text.Length;)
        {
            var end = start + 1;
            while (end < text.Text.Length && !IsAlone(text.Text[end]))
            {
                end++;
            }

            if ((end == start + 1 && char.IsAscii(text.Text[start])) || text.Text[start] == '\uFFFF')
            {
                result.Append(text, start, 1);
                start++;
                continue;
            }

            var part = text.Text[start..end];
            var normalized = UnicodeNormalization.Tables.Normalize(part, form);
            if (normalized == part)
            {
                result.Append(text, start, end - start);
            }
            else
            {
                result.Append(normalized, text.OriginOf(start, end - start));
            }

            start = end;
        }

        return result.Take();
    }

    // U+FFFF is no character and stands for runs of tokens.
    private static bool IsAlone(char character) => char.IsAscii(character) || character == '\uFFFF';
}
