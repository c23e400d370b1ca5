namespace ZoPrune.AI.Onnx.Images;

/// <summary>An encoded image format, as told by the first bytes of the data and never by a media type or a file name.</summary>
public enum ImageFormat
{
    /// <summary>None of the formats below.</summary>
    Unknown = 0,

    /// <summary>Portable Network Graphics.</summary>
    Png,

    /// <summary>JPEG.</summary>
    Jpeg,

    /// <summary>WebP; the first frame of an animation.</summary>
    WebP,

    /// <summary>GIF; the first frame of an animation.</summary>
    Gif,

    /// <summary>Windows bitmap.</summary>
    Bmp,
}
