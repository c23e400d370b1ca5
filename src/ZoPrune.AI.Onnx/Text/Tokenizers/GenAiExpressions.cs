namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Word expressions as ONNX Runtime GenAI runs them.</summary>
/// <remarks>
/// It knows the alternatives of common expressions by their text and runs hand-written matchers for them
/// (<c>PreTokenizerWithRegEx</c> in onnxruntime-extensions). Some of these do not go back where the expression would: what they match is
/// written here as expressions.
/// </remarks>
internal static class GenAiExpressions
{
    private const string Prefix = @"(?>[^\r\n\p{L}\p{N}]?)";
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";
    private const string Suffix = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)?";

    // Capitals are taken as far as they go; then the text ends, lower case follows, or the last one may count as lower case.
    private const string LowerWord = $@"{Prefix}(?!\z)(?:(?>{Upper}+)(?:\z|(?>{Lower}+)|(?<={Lower}))|(?!{Upper})(?>{Lower}+))";
    private const string UpperWord = $"{Prefix}(?>{Upper}+)(?>{Lower}*)";

    private static readonly (string Known, string Matched)[] Alternatives =
    [
        (@"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + Suffix, LowerWord + Suffix),
        (@"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + Suffix, UpperWord + Suffix),
        (@"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+", LowerWord),
        (@"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*", UpperWord),

        // The slash is forgotten.
        (@" ?[^\s\p{L}\p{N}]+[\r\n/]*", @" ?[^\s\p{L}\p{N}]+[\r\n]*"),

        // Whitespace up to a line end only if no other whitespace follows.
        (@"\s*[\r\n]+", @"(?>\s+)(?<=[\r\n])|[\r\n]+"),
    ];

    /// <summary>The expression that cuts as GenAI does where the file says <paramref name="pattern"/>.</summary>
    public static string Translate(string pattern)
    {
        foreach (var (known, matched) in Alternatives)
        {
            var start = pattern.IndexOf(known, StringComparison.Ordinal);
            var end = start + known.Length;
            if (start >= 0 && (start == 0 || pattern[start - 1] == '|') && (end == pattern.Length || pattern[end] == '|'))
            {
                pattern = pattern[..start] + matched + pattern[end..];
            }
        }

        return pattern;
    }
}
