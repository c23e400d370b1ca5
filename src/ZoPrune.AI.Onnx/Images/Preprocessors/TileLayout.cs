namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>How a picture is cut into frames; the tiles stand row by row.</summary>
/// <param name="Rows">Rows of tiles; 0 where only the whole picture is shown.</param>
/// <param name="Columns">Columns of tiles; 0 where only the whole picture is shown.</param>
/// <param name="Global">Whether there is a frame of the whole picture, and where.</param>
internal sealed record TileLayout(int Rows, int Columns, GlobalFrame Global)
{
    /// <summary>The canvas that any-resolution processors chose, in pixels; null for other processors.</summary>
    public (int Width, int Height)? BestResolution { get; init; }

    /// <summary>The number of frames: tiles, and the whole picture where it is shown.</summary>
    public int Frames => (Rows * Columns) + (Global == GlobalFrame.None ? 0 : 1);
}
