using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx;

/// <summary>The normalisation that feeds a projector of one affine map.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="InputTensor">The name of the tensor that is normalised; where the node adds up two, the first of them.</param>
/// <param name="Width">How many values are normalised together.</param>
/// <param name="BlocksPerToken">How many normalised rows stand side by side in one row of the projector input.</param>
public sealed record ProjectorNormalization(NormalizationKind Kind, string InputTensor, int Width, int BlocksPerToken);
