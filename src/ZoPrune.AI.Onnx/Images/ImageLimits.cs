namespace ZoPrune.AI.Onnx.Images;

/// <summary>What an encoded image may cost; all of it is checked before a pixel is decoded.</summary>
/// <remarks>The defaults for side and pixels are those of ONNX Runtime GenAI's decoder.</remarks>
public sealed record ImageLimits
{
    /// <summary>The limits used where none are given.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>Largest length of the encoded image, in bytes. 32 MiB unless set.</summary>
    public long MaxBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary>Largest width and largest height, in pixels. 16384 unless set.</summary>
    public int MaxSide { get; init; } = 16384;

    /// <summary>Largest width times height, in pixels. 100 million unless set.</summary>
    public long MaxPixels { get; init; } = 100_000_000;

    /// <summary>Throws when a limit is not positive.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A limit is zero or negative.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxBytes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxSide);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxPixels);
    }
}
