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

            if ((end == start + 1 && char.IsAscii(text.Text[start])) || text.Text[start] >= '\uFFFE')
            {
                result.Append(text, start, 1);
                start++;
                continue;
            }

            var part = text.Text[start..end];
            if (part.IsNormalized(form))
            {
                result.Append(text, start, end - start);
            }
            else
            {
                result.Append(part.Normalize(form), text.OriginOf(start, end - start));
            }

            start = end;
        }

        return result.Take();
    }

    // The last two are no characters: .NET refuses to normalise one of them, and the other stands for runs of tokens.
    private static bool IsAlone(char character) => char.IsAscii(character) || character >= '\uFFFE';
}
