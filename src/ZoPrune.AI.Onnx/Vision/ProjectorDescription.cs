using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx;

/// <summary>The projector that was found in a folder's vision graph.</summary>
/// <param name="InputTensor">The name of the projector input <c>V</c> in the graph.</param>
/// <param name="OutputTensor">The name of the projector's own output.</param>
/// <param name="InputWidth">The width of <c>V</c>.</param>
/// <param name="HiddenWidth">The width behind the first affine map; <c>null</c> for a projector of one affine map.</param>
/// <param name="OutputWidth">The width of the projected embeddings.</param>
/// <param name="Activation">The activation between the two affine maps; <c>null</c> for a projector of one affine map.</param>
public sealed record ProjectorDescription(
    string InputTensor,
    string OutputTensor,
    int InputWidth,
    int? HiddenWidth,
    int OutputWidth,
    ProjectorActivation? Activation)
{
    /// <summary>
    /// Whether the projector is one affine map. Its sensitivity is then the same for every token, unless a <see cref="Normalization"/>
    /// counts
    /// as part of it.
    /// </summary>
    public bool IsLinear => Activation is null;

    /// <summary>
    /// The normalisation that feeds a projector of one affine map; <c>null</c> if there is none. Its sensitivity together with the map
    /// differs
    /// from token to token.
    /// </summary>
    public ProjectorNormalization? Normalization { get; init; }
}
