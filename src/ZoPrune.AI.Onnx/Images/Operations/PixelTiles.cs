namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Cuts planes into square tiles, row by row.</summary>
internal static class PixelTiles
{
    /// <summary>Cuts planes of shape [channels, height, width] into tiles of shape [rows x columns, channels, side, side].</summary>
    /// <param name="planes">The planes; both sides are multiples of <paramref name="side"/>.</param>
    /// <param name="width">Width of a plane.</param>
    /// <param name="height">Height of a plane.</param>
    /// <param name="side">Side of a tile.</param>
    /// <param name="tiles">Takes the tiles, one behind the other.</param>
    public static void Cut(ReadOnlySpan<float> planes, int width, int height, int side, Span<float> tiles)
    {
        var channels = planes.Length / (width * height);
        var target = 0;
        for (var top = 0; top < height; top += side)
        {
            for (var left = 0; left < width; left += side)
            {
                for (var channel = 0; channel < channels; channel++)
                {
                    for (var y = top; y < top + side; y++)
                    {
                        planes.Slice((((channel * height) + y) * width) + left, side).CopyTo(tiles[target..]);
                        target += side;
                    }
                }
            }
        }
    }
}
