using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Benchmarks.Tests.SyntheticVlm;

internal static class Pictures
{
    /// <summary>A picture in which no two places look alike.</summary>
    public static RgbImage Gradient(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (var i = 0; i < width * height; i++)
        {
            var (x, y) = (i % width, i / width);
            pixels[3 * i] = (byte)(x * 255 / width);
            pixels[(3 * i) + 1] = (byte)(y * 255 / height);
            pixels[(3 * i) + 2] = (byte)((x * x) + (3 * y));
        }

        return new RgbImage(width, height, pixels);
    }

    /// <summary>The same with a rectangle in white.</summary>
    public static RgbImage WithWhite(int width, int height, int left, int top, int side)
    {
        var pixels = Gradient(width, height).Pixels.ToArray();
        for (var y = top; y < top + side; y++)
        {
            pixels.AsSpan(((y * width) + left) * 3, side * 3).Fill(255);
        }

        return new RgbImage(width, height, pixels);
    }
}
