namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Turns prompt segments into token ids, in one dialect.</summary>
internal abstract class TextEncoder
{
    /// <summary>Encodes the segments.</summary>
    /// <param name="segments">The segments, in order.</param>
    /// <param name="addSpecialTokens">Whether the tokenizer's own BOS and EOS are put around them.</param>
    public abstract EncodedText Encode(IReadOnlyList<PromptSegment> segments, bool addSpecialTokens);
}
