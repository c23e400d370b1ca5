using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Images.Preprocessors;

namespace ZoPrune.AI.Onnx;

/// <summary>An image behind the folder's image processing: what the vision graph is fed with.</summary>
/// <param name="Width">The width of the picture before processing, in pixels.</param>
/// <param name="Height">The height of the picture before processing, in pixels.</param>
/// <param name="Inputs">
/// The vision graph's inputs by their nominal names: <c>pixel_values</c> and, by family, <c>image_sizes</c>, <c>image_grid_thw</c>,
/// <c>image_attention_mask</c>, <c>pixel_attention_mask</c>, <c>pixel_position_ids</c>. Leading axes of length 1 may be missing.
/// </param>
public sealed record ProcessedImage(int Width, int Height, IReadOnlyDictionary<string, ImageTensor> Inputs)
{
    /// <summary>How the picture was cut into tiles, where it was.</summary>
    internal TileLayout? Tiles { get; init; }
}
