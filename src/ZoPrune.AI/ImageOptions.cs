using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI;

/// <summary>Limits on the images of a request, checked before an image is decoded, and how images are worked on.</summary>
/// <remarks>
/// The defaults are those of an application whose user chooses the pictures. A server that decodes what strangers send should set
/// <see cref="MaxPixels"/> lower, to what its users' pictures really have (a photograph of a phone: 12 to 50 million), and
/// <see cref="MaxCount"/> as well. A few hundred kilobytes may decode to <see cref="MaxPixels"/>; an image takes at least 3 bytes a pixel
/// while it is decoded and resized, and neither step can be cancelled halfway: a cancelled call ends between them. One call does so with
/// up to <see cref="MaxConcurrency"/> images at once.
/// </remarks>
public sealed class ImageOptions
{
    /// <summary>The most bytes of one encoded image, at least 1. Default 32 MiB.</summary>
    public long MaxBytes { get; set; } = 32L * 1024 * 1024;

    /// <summary>The most pixels of one side of an image: 1 to 65535, default 16384.</summary>
    public int MaxSide { get; set; } = 16384;

    /// <summary>The most pixels of one image (width times height), at least 1. Default 100 million; for servers see the remarks.</summary>
    public long MaxPixels { get; set; } = 100_000_000;

    /// <summary>The most images of one request, history included, at least 1. Default 32.</summary>
    public int MaxCount { get; set; } = 32;

    /// <summary>The most images of one request that are in work at once, at least 1. Default 2; 1: one after another.</summary>
    /// <remarks>
    /// While the vision graph runs over one image, those behind it in the request are read (also from files and addresses), decoded and
    /// resized; what is selected of one is found while the graph runs over the next. The graph itself runs over one image of a request at
    /// a time, since one run uses all <see cref="ZoPruneOptions.Threads"/>. So 2 are enough where pictures lie in memory; more pay where
    /// they come from slow addresses, whose waiting then overlaps. Memory grows with it: each image in work holds its encoded bytes, its
    /// pixels while it is decoded and resized and, while it waits for the graph, what the graph is fed with: float32 numbers, 12 bytes a
    /// pixel of all its tiles at the size that the model takes. That is often more than the picture's own pixels: tens of megabytes for
    /// models of many tiles. Answers and reports do not depend on it.
    /// </remarks>
    public int MaxConcurrency { get; set; } = 2;

    /// <summary>
    /// Whether pictures are turned upright as their EXIF orientation says. <see langword="null"/> (the default): as the model's reference
    /// does;
    /// ONNX Runtime GenAI ignores it, Hugging Face applies it.
    /// </summary>
    public ImageOrientation? Orientation { get; set; }

    internal ImageOptions Clone() => (ImageOptions)MemberwiseClone();

    internal ImageLimits ToLimits() => new() { MaxBytes = MaxBytes, MaxSide = MaxSide, MaxPixels = MaxPixels };
}
