namespace ZoPrune.AI.Onnx.Families;

/// <summary>How tokens are numbered.</summary>
/// <param name="First">The position of the first token.</param>
/// <param name="IsMultiAxis">
/// Whether positions have three axes (time, height, width) and visual tokens are numbered by their place in the grid (mRoPE,
/// genai-model-folder
/// specification 5.2).
/// </param>
/// <param name="SkippedTokenId">A token in a prompt that gets position 0, does not advance the count and is masked (GenAI's rule for
/// padding in mRoPE families).</param>
internal sealed record PositionRule(int First, bool IsMultiAxis = false, int? SkippedTokenId = null);
