using System.Text.RegularExpressions;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Cuts at the matches of regular expressions, one after the other; what lies between matches stays as pieces
/// ("Isolated").</summary>
internal sealed class RegexSplitter(IReadOnlyList<Regex> patterns) : TextSplitter
{
    /// <summary>The expression of GPT-2, used where a byte-level tokenizer names no other.</summary>
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>The expression of Llama 3, which ONNX Runtime GenAI also uses for Llama-style SentencePiece vocabularies.</summary>
    public const string Llama3 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public override IEnumerable<TextPiece> Split(string text)
    {
        var shape = CharacterShape.Of(text);
        IEnumerable<(int Start, int Length)> parts = [(0, shape.Text.Length)];
        foreach (var pattern in patterns)
        {
            parts = parts.SelectMany(part => SplitPart(shape.Text, part.Start, part.Length, pattern));
        }

        return parts.Select(part =>
        {
            var start = shape.SourceIndex(part.Start);
            return new TextPiece(start, shape.SourceIndex(part.Start + part.Length) - start, IsWhole: true);
        });
    }

    private static IEnumerable<(int Start, int Length)> SplitPart(string text, int start, int length, Regex pattern)
    {
        // A part is matched on its own: anchors and look-arounds must not see beyond it.
        var part = length == text.Length ? text : text.Substring(start, length);
        var end = 0;
        foreach (Match match in pattern.Matches(part))
        {
            if (match.Length == 0)
            {
                continue;
            }

            if (match.Index > end)
            {
                yield return (start + end, match.Index - end);
            }

            yield return (start + match.Index, match.Length);
            end = match.Index + match.Length;
        }

        if (end < length)
        {
            yield return (start + end, length - end);
        }
    }
}
