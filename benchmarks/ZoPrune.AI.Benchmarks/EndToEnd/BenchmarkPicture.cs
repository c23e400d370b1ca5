using SkiaSharp;

namespace ZoPrune.AI.Benchmarks.EndToEnd;

/// <summary>A picture to be sent: a JPEG in which no two places look alike.</summary>
internal static class BenchmarkPicture
{
    private const int Quality = 90;

    /// <summary>Encodes a picture.</summary>
    /// <param name="side">Its width and height in pixels.</param>
    /// <param name="number">Pictures of different numbers are different.</param>
    public static byte[] Create(int side, int number = 0)
    {
        using var bitmap = new SKBitmap(side, side);
        for (var y = 0; y < side; y++)
        {
            for (var x = 0; x < side; x++)
            {
                var wave = Math.Sin(((x * (3 + number)) + (y * 7)) / 40.0);
                bitmap.SetPixel(x, y, new SKColor((byte)(x * 255 / side), (byte)(y * 255 / side), (byte)(127 + (wave * 120))));
            }
        }

        using var encoded = bitmap.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return encoded.ToArray();
    }
}
