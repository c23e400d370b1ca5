namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary><c>Split</c> and the pre-tokenizers that are cases of it.</summary>
internal sealed class SplitStep(PieceExpression pattern, SplitBehavior behavior, bool invert) : PreTokenizerStep
{
    public override void Split(PreToken token, List<PreToken> parts)
    {
        foreach (var (start, end) in Merge(Cut(token.Text)))
        {
            parts.Add(new PreToken(token.Text[start..end], token.IsAtStart && start == 0));
        }
    }

    private List<(int Start, int End, bool IsDelimiter)> Cut(string text)
    {
        var parts = new List<(int Start, int End, bool IsDelimiter)>();
        var end = 0;
        foreach (var (start, length) in pattern.Matches(text))
        {
            if (start > end)
            {
                parts.Add((end, start, invert));
            }

            parts.Add((start, start + length, !invert));
            end = start + length;
        }

        if (end < text.Length)
        {
            parts.Add((end, text.Length, invert));
        }

        return parts;
    }

    private List<(int Start, int End)> Merge(List<(int Start, int End, bool IsDelimiter)> parts)
    {
        var merged = new List<(int Start, int End)>(parts.Count);
        var delimiterBefore = false;
        for (var i = 0; i < parts.Count; i++)
        {
            var (start, end, isDelimiter) = parts[i];
            var joins = behavior switch
            {
                SplitBehavior.MergedWithPrevious => isDelimiter && !delimiterBefore,
                SplitBehavior.Contiguous => isDelimiter == delimiterBefore,

                // Seen from the end, a delimiter joins what follows unless that is one itself.
                SplitBehavior.MergedWithNext => i > 0 && parts[i - 1].IsDelimiter && !isDelimiter,
                _ => false,
            };
            delimiterBefore = isDelimiter;
            if (joins && merged.Count > 0)
            {
                merged[^1] = (merged[^1].Start, end);
            }
            else if (behavior != SplitBehavior.Removed || !isDelimiter)
            {
                merged.Add((start, end));
            }
        }

        return merged;
    }
}
