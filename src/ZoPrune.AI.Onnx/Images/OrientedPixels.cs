using SkiaSharp;

namespace ZoPrune.AI.Onnx.Images;

/// <summary>Turns and mirrors pixels as an EXIF orientation says.</summary>
internal static class OrientedPixels
{
    private const int Channels = 3;

    /// <summary>The picture as it is meant to be seen.</summary>
    /// <param name="image">The picture as it is stored.</param>
    /// <param name="origin">Where the first stored row and column lie; the EXIF numbers 1 to 8.</param>
    /// <param name="buffers">Where the turned pixels lie; null: in an array of their own.</param>
    public static RgbImage Apply(RgbImage image, SKEncodedOrigin origin, PictureBuffers? buffers = null)
    {
        var (width, height) = (image.Width, image.Height);
        (int Start, int StepX, int StepY)? walk = origin switch
        {
            SKEncodedOrigin.TopRight => (width - 1, -1, width),
            SKEncodedOrigin.BottomRight => ((width * height) - 1, -1, -width),
            SKEncodedOrigin.BottomLeft => (width * (height - 1), 1, -width),
            SKEncodedOrigin.LeftTop => (0, width, 1),
            SKEncodedOrigin.RightTop => (width * (height - 1), -width, 1),
            SKEncodedOrigin.RightBottom => ((width * height) - 1, -width, -1),
            SKEncodedOrigin.LeftBottom => (width - 1, width, -1),
            _ => null,
        };
        if (walk is not var (start, stepX, stepY))
        {
            return image;
        }

        // The last four exchange width and height.
        var (newWidth, newHeight) = origin >= SKEncodedOrigin.LeftTop ? (height, width) : (width, height);
        var source = image.Pixels.Span;
        var turned = PictureBuffers.Take<byte>(buffers, source.Length);
        var pixels = turned.Span;
        var target = 0;
        for (var y = 0; y < newHeight; y++)
        {
            var position = start + (y * stepY);
            for (var x = 0; x < newWidth; x++)
            {
                source.Slice(position * Channels, Channels).CopyTo(pixels[target..]);
                position += stepX;
                target += Channels;
            }
        }

        return new RgbImage(newWidth, newHeight, turned);
    }
}
