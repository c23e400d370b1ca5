namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>Pixels between two steps: 8 bits a channel, shape [height, width, 3].</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Values">The pixels.</param>
/// <param name="Buffers">Where what is made of them lies; null: in arrays of their own.</param>
internal readonly record struct RgbPixels(int Width, int Height, ReadOnlyMemory<byte> Values, PictureBuffers? Buffers)
{
    public const int Channels = 3;

    /// <summary>Largest number of pixels that a step may make.</summary>
    private const long MostPixels = 1 << 28;

    public RgbPixels(RgbImage image, PictureBuffers? buffers)
        : this(image.Width, image.Height, image.Pixels, buffers)
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
        return this with { Width = width, Height = height, Values = resampling.Resize(Values, Width, Height, width, height, Buffers) };
    }

    /// <summary>Cuts a rectangle out that lies inside.</summary>
    public RgbPixels Cut(int left, int top, int width, int height)
    {
        if ((left, top, width, height) == (0, 0, Width, Height))
        {
            return this;
        }

        var cut = PictureBuffers.Take<byte>(Buffers, width * height * Channels);
        var pixels = cut.Span;
        for (var y = 0; y < height; y++)
        {
            Values.Span.Slice((((y + top) * Width) + left) * Channels, width * Channels).CopyTo(pixels[(y * width * Channels)..]);
        }

        return this with { Width = width, Height = height, Values = cut };
    }

    /// <summary>Lays the picture on a canvas of one colour.</summary>
    public RgbPixels PlaceOn(int width, int height, int left, int top, ReadOnlySpan<byte> colour)
    {
        if ((width, height) == (Width, Height))
        {
            return this;
        }

        CheckSize(width, height, Width, Height);
        var canvas = PictureBuffers.TakeCleared<byte>(Buffers, width * height * Channels);
        var pixels = canvas.Span;
        if (colour.ContainsAnyExcept((byte)0))
        {
            for (var i = 0; i < pixels.Length; i++)
            {
                pixels[i] = colour[i % Channels];
            }
        }

        for (var y = 0; y < Height; y++)
        {
            Values.Span.Slice(y * Width * Channels, Width * Channels).CopyTo(pixels[((((y + top) * width) + left) * Channels)..]);
        }

        return this with { Width = width, Height = height, Values = canvas };
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
