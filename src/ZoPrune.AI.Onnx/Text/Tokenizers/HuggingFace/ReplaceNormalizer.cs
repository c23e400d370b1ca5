namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Replaces the matches of an expression by a fixed text.</summary>
internal sealed class ReplaceNormalizer(PieceExpression pattern, string content) : OriginNormalizer
{
    public override OriginText Normalize(OriginText text)
    {
        var result = new OriginTextBuilder();
        var end = 0;
        foreach (var (start, length) in pattern.Matches(text.Text))
        {
            // A run of tokens is no text.
            if (text.OriginOf(start, length) == TextOrigin.Run)
            {
                continue;
            }

            result.Append(text, end, start - end);
            result.Append(content, text.OriginOf(start, length));
            end = start + length;
        }

        result.Append(text, end, text.Text.Length - end);
        return result.Take();
    }
}
