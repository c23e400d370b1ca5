namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>A step of the <c>normalizer</c> section.</summary>
internal abstract class OriginNormalizer
{
    public abstract OriginText Normalize(OriginText text);
}
