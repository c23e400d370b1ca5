namespace ZoPrune.AI.Onnx.Images;

/// <summary>A decoded picture: 8 bits a channel, red, green, blue, rows from the top, no padding.</summary>
public sealed class RgbImage
{
    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">Shape [height, width, 3]. The image takes the array over: do not change it afterwards.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is zero or negative.</exception>
    /// <exception cref="ArgumentException">The array does not have height x width x 3 elements.</exception>
    public RgbImage(int width, int height, byte[] pixels)
        : this(width, height, new ReadOnlyMemory<byte>(pixels ?? throw new ArgumentNullException(nameof(pixels))))
    {
    }

    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">Shape [height, width, 3]. Do not change them while the image is in use.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is zero or negative.</exception>
    /// <exception cref="ArgumentException">There are not height x width x 3 bytes.</exception>
    internal RgbImage(int width, int height, ReadOnlyMemory<byte> pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (pixels.Length != (long)width * height * 3)
        {
            throw new ArgumentException(
                $"An RGB image of {width} x {height} pixels has {(long)width * height * 3} bytes, not {pixels.Length}.",
                nameof(pixels));
        }

        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The pixels, shape [height, width, 3].</summary>
    public ReadOnlyMemory<byte> Pixels { get; }
}
