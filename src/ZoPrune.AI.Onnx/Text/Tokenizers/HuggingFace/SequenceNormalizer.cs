namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Steps one after the other.</summary>
internal sealed class SequenceNormalizer(IReadOnlyList<OriginNormalizer> steps) : OriginNormalizer
{
    public override OriginText Normalize(OriginText text) => steps.Aggregate(text, (current, step) => step.Normalize(current));
}
