using System.Text.RegularExpressions;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>A regular expression of a tokenizer file, matched on code points.</summary>
internal sealed class PieceExpression
{
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(60);
    private readonly Regex _regex;
    private readonly string _path;

    private PieceExpression(Regex regex, string path)
    {
        _regex = regex;
        _path = path;
    }

    /// <summary>An expression in Oniguruma's syntax.</summary>
    /// <exception cref="NotSupportedException">The expression uses something that has no counterpart here.</exception>
    public static PieceExpression OfRegex(string pattern, string path)
    {
        try
        {
            // In Oniguruma's Ruby syntax ^ and $ stand at lines.
            var translated = OnigurumaSyntax.Translate(pattern);
            return new PieceExpression(
                new Regex(translated, RegexOptions.CultureInvariant | RegexOptions.Multiline, LongestMatch), path);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new NotSupportedException($"{path}: the expression '{pattern}' is not supported: {e.Message}", e);
        }
    }

    /// <summary>A literal text.</summary>
    public static PieceExpression OfText(string text, string path) =>
        new(new Regex(Regex.Escape(text), RegexOptions.CultureInvariant, LongestMatch), path);

    /// <summary>The matches that are not empty, in order.</summary>
    /// <exception cref="TokenizerFormatException">The expression takes too long on this text.</exception>
    public List<(int Start, int Length)> Matches(string text)
    {
        var shape = CharacterShape.Of(text);
        var matches = new List<(int Start, int Length)>();
        try
        {
            foreach (var match in _regex.EnumerateMatches(shape.Text))
            {
                if (match.Length > 0)
                {
                    var start = shape.SourceIndex(match.Index);
                    matches.Add((start, shape.SourceIndex(match.Index + match.Length) - start));
                }
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new TokenizerFormatException(_path, $"the expression '{_regex}' takes too long on the given text.", e);
        }

        return matches;
    }
}
