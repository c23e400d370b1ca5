namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>What the post-processor puts around one sequence.</summary>
internal sealed record SpecialTokensFrame(IReadOnlyList<int> Before, IReadOnlyList<int> Behind)
{
    public static SpecialTokensFrame None { get; } = new([], []);
}
