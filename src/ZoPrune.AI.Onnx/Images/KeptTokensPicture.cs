using SkiaSharp;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Images;

/// <summary>Shows what was kept of a picture: dropped tokens are darkened, kept ones stay as they are, with a thin frame.</summary>
public static class KeptTokensPicture
{
    /// <summary>Pictures smaller than this are enlarged so that single tokens can be told apart.</summary>
    private const int ShortestSide = 512;

    /// <summary>Thin pictures are not enlarged beyond this.</summary>
    private const int LongestSide = 2048;

    private static readonly SKColor s_dropped = new(12, 14, 20, 205);
    private static readonly SKColor s_frame = new(255, 255, 255, 150);

    /// <summary>Draws the picture of the kept tokens.</summary>
    /// <param name="encodedImage">The picture as it was sent to the model: PNG, JPEG, WebP, GIF or BMP.</param>
    /// <param name="grid">How the visual tokens lie in the picture, row by row.</param>
    /// <param name="kept">The tokens that were kept.</param>
    /// <param name="limits">Limits of decoding; the defaults where <c>null</c>.</param>
    /// <returns>A PNG file.</returns>
    /// <exception cref="ImageDecodingException">The picture cannot be decoded.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A kept token lies outside the grid.</exception>
    public static byte[] Draw(ReadOnlyMemory<byte> encodedImage, TokenGrid grid, IReadOnlyList<int> kept, ImageLimits? limits = null)
    {
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(kept);
        var image = ImageDecoder.Decode(encodedImage, limits ?? ImageLimits.Default, "picture");
        var wanted = (int)Math.Ceiling((double)ShortestSide / Math.Min(image.Width, image.Height));
        var scale = Math.Max(1, Math.Min(wanted, LongestSide / Math.Max(image.Width, image.Height)));
        var (width, height) = (image.Width * scale, image.Height * scale);
        using var source = ToBitmap(image);
        using var surface = SKSurface.Create(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Opaque))
            ?? throw new InvalidOperationException($"No picture of {width} x {height} pixels can be drawn.");
        using var sourceImage = SKImage.FromBitmap(source);
        surface.Canvas.DrawImage(sourceImage, new SKRect(0, 0, width, height), new SKSamplingOptions(SKFilterMode.Linear));

        var isKept = new bool[grid.Rows * grid.Columns];
        foreach (var token in kept)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(token, nameof(kept));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, isKept.Length, nameof(kept));
            isKept[token] = true;
        }

        using var dropped = new SKPaint { Color = s_dropped };
        using var frame = new SKPaint { Color = s_frame, Style = SKPaintStyle.Stroke, StrokeWidth = 1 };
        for (var token = 0; token < isKept.Length; token++)
        {
            var cell = Cell(token, grid, width, height);
            if (isKept[token])
            {
                cell.Inflate(-0.5f, -0.5f);
                surface.Canvas.DrawRect(cell, frame);
            }
            else
            {
                surface.Canvas.DrawRect(cell, dropped);
            }
        }

        using var snapshot = surface.Snapshot();
        using var png = snapshot.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static SKRect Cell(int token, TokenGrid grid, int width, int height)
    {
        var (row, column) = Math.DivRem(token, grid.Columns);
        return new SKRect(
            MathF.Round((float)column * width / grid.Columns),
            MathF.Round((float)row * height / grid.Rows),
            MathF.Round((column + 1f) * width / grid.Columns),
            MathF.Round((row + 1f) * height / grid.Rows));
    }

    private static SKBitmap ToBitmap(RgbImage image)
    {
        var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = bitmap.GetPixelSpan();
        var rgb = image.Pixels.Span;
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            pixels[4 * i] = rgb[3 * i];
            pixels[(4 * i) + 1] = rgb[(3 * i) + 1];
            pixels[(4 * i) + 2] = rgb[(3 * i) + 2];
            pixels[(4 * i) + 3] = 255;
        }

        return bitmap;
    }
}
