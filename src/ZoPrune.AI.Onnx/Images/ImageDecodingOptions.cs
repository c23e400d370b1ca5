namespace ZoPrune.AI.Onnx.Images;

/// <summary>Choices between ways of decoding that all are in use. The defaults are ONNX Runtime GenAI's.</summary>
public sealed record ImageDecodingOptions
{
    /// <summary>The options used where none are given.</summary>
    public static ImageDecodingOptions Default { get; } = new();

    /// <summary>What becomes of transparent pixels. <see cref="ImageTransparency.Drop"/> unless set.</summary>
    public ImageTransparency Transparency { get; init; }

    /// <summary>What becomes of the EXIF orientation. <see cref="ImageOrientation.Ignore"/> unless set.</summary>
    public ImageOrientation Orientation { get; init; }
}
