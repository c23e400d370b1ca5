namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>What a picture becomes.</summary>
/// <param name="OriginalWidth">Width of the picture, in pixels.</param>
/// <param name="OriginalHeight">Height of the picture, in pixels.</param>
/// <param name="FrameWidth">Width of each frame that the vision graph sees, in pixels.</param>
/// <param name="FrameHeight">Height of each frame, in pixels.</param>
/// <param name="Tiles">How the picture is cut into frames; null where there is one frame without further meaning.</param>
internal sealed record ImageLayout(int OriginalWidth, int OriginalHeight, int FrameWidth, int FrameHeight, TileLayout? Tiles = null)
{
    /// <summary>The number of frames.</summary>
    public int Frames => Tiles?.Frames ?? 1;

    /// <summary>Rows and columns of the encoder's patches; null where the preprocessor does not know the patches.</summary>
    public (int Rows, int Columns)? PatchGrid { get; init; }
}
