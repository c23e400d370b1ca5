namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>Pixels between two steps: 8 bits a channel, shape [height, width, 3].</summary>
internal readonly record struct RgbPixels(int Width, int Height, ReadOnlyMemory<byte> Values)
{
    public const int Channels = 3;

    /// <summary>Largest number of pixels that a step may make.</summary>
    private const long MostPixels = 1 << 28;

    public RgbPixels(RgbImage image)
        : this(image.Width, image.Height, image.Pixels)
    {
    }

    /// <summary>Throws where a step would make nothing or too much of a picture.</summary>
    /// <exception cref="NotSupportedException">A side is 0, or there are too many pixels.</exception>
    public static void CheckSize(long width, long height, int originalWidth, int originalHeight)
    {
        if (width < 1 || height < 1 || width > MostPixels || height > MostPixels || width * height > MostPixels)
        {
            throw new NotSupportedException(
                $"An image of {originalWidth} x {originalHeight} pixels cannot be processed: it would be resized to {width} x {height}.");
        }
    }

    /// <summary>Resizes as Pillow does.</summary>
    public RgbPixels Resize(int width, int height, PillowResampling resampling)
    {
        CheckSize(width, height, Width, Height);
        CheckSize(width, Height, Width, Height);
        CheckSize(Width, height, Width, Height);
        return new RgbPixels(width, height, resampling.Resize(Values, Width, Height, width, height));
    }

    /// <summary>Cuts a rectangle out that lies inside.</summary>
    public RgbPixels Cut(int left, int top, int width, int height)
    {
        if ((left, top, width, height) == (0, 0, Width, Height))
        {
            return this;
        }

        var pixels = GC.AllocateUninitializedArray<byte>(width * height * Channels);
        for (var y = 0; y < height; y++)
        {
            Values.Span.Slice((((y + top) * Width) + left) * Channels, width * Channels).CopyTo(pixels.AsSpan(y * width * Channels));
        }

        return new RgbPixels(width, height, pixels);
    }

    /// <summary>Lays the picture on a canvas of one colour.</summary>
    public RgbPixels PlaceOn(int width, int height, int left, int top, ReadOnlySpan<byte> colour)
    {
        if ((width, height) == (Width, Height))
        {
            return this;
        }

        CheckSize(width, height, Width, Height);
        var pixels = new byte[width * height * Channels];
        if (colour.ContainsAnyExcept((byte)0))
        {
            for (var i = 0; i < pixels.Length; i++)
            {
                pixels[i] = colour[i % Channels];
            }
        }

        for (var y = 0; y < Height; y++)
        {
            Values.Span.Slice(y * Width * Channels, Width * Channels).CopyTo(pixels.AsSpan((((y + top) * width) + left) * Channels));
        }

        return new RgbPixels(width, height, pixels);
    }

    /// <summary>Centres the picture on a square of one colour.</summary>
    public RgbPixels PadToSquare(ReadOnlySpan<byte> colour)
    {
        var side = Math.Max(Width, Height);
        return PlaceOn(side, side, (side - Width) / 2, (side - Height) / 2, colour);
    }

    /// <summary>Cuts the middle out; where the picture is smaller, black is added around it. Rounds as transformers does.</summary>
    public RgbPixels CropCentre(int width, int height)
    {
        var (wholeWidth, wholeHeight) = (Math.Max(width, Width), Math.Max(height, Height));
        var whole = PlaceOn(wholeWidth, wholeHeight, (wholeWidth - Width + 1) / 2, (wholeHeight - Height + 1) / 2, [0, 0, 0]);
        return whole.Cut((wholeWidth - width) / 2, (wholeHeight - height) / 2, width, height);
    }
}
