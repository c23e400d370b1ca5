namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>One processed picture.</summary>
/// <param name="Inputs">
/// Tensors by their usual input names, in the shapes that graphs take, batch axis included: <c>pixel_values</c> and, by family,
/// <c>pixel_attention_mask</c>, <c>image_grid_thw</c>, <c>image_sizes</c>.
/// </param>
/// <param name="Layout">What the picture became.</param>
internal sealed record PreprocessedImage(IReadOnlyDictionary<string, ImageTensor> Inputs, ImageLayout Layout)
{
    /// <summary>
    /// Name of the pixels: [1, 3, height, width], [1, frames, 3, side, side], [frames, 3, side, side] or [patches, length].
    /// </summary>
    public const string PixelValues = "pixel_values";

    /// <summary>Name of the mask of real pixels: Bool [1, frames, side, side].</summary>
    public const string PixelAttentionMask = "pixel_attention_mask";

    /// <summary>Name of the grid in patches: Int64 [1, 3], time, rows, columns.</summary>
    public const string ImageGridThw = "image_grid_thw";

    /// <summary>Name of the sizes: Int64 [1, 2], height and width.</summary>
    public const string ImageSizes = "image_sizes";

    /// <summary>How the picture was cut; null where it was not.</summary>
    public TileLayout? Tiles => Layout.Tiles;
}
