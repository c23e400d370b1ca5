namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Removes whitespace from the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : OriginNormalizer
{
    public override OriginText Normalize(OriginText text)
    {
        var (start, end) = (0, text.Text.Length);
        while (left && start < end && char.IsWhiteSpace(text.Text[start]))
        {
            start++;
        }

        while (right && end > start && char.IsWhiteSpace(text.Text[end - 1]))
        {
            end--;
        }

        return text.Slice(start, end);
    }
}
