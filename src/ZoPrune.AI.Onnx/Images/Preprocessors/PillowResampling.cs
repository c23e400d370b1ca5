using ZoPrune.AI.Onnx.Images.Resampling;

namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>The <c>resample</c> of a file, by Pillow's numbers.</summary>
/// <remarks>
/// As Pillow 13: columns come first where the height shrinks, and by more than the width. (Recorded results have this from a factor of 4/3
/// between the two scales on and not at a factor of 1; in between it is inferred. Older ones: only where the height is above 100 times the
/// width.) The order decides about the rounding to 8 bits between the passes.
/// </remarks>
internal sealed class PillowResampling
{
    private const int Channels = 3;

    private readonly ResampleFilter? _filter;

    private PillowResampling(ResampleFilter? filter) => _filter = filter;

    public static PillowResampling Bilinear { get; } = new(ResampleFilter.Linear);

    public static PillowResampling Bicubic { get; } = new(ResampleFilter.Cubic);

    public static PillowResampling Lanczos { get; } = new(ResampleFilter.Lanczos3);

    /// <summary>The resampling of a number; null for numbers that Pillow does not know.</summary>
    public static PillowResampling? FromNumber(long number) => number switch
    {
        0 => new PillowResampling(null),
        1 => Lanczos,
        2 => Bilinear,
        3 => Bicubic,
        4 => new PillowResampling(ResampleFilter.Box),
        5 => new PillowResampling(ResampleFilter.Hamming),
        _ => null,
    };

    /// <summary>Resizes an image of shape [height, width, 3].</summary>
    public ReadOnlyMemory<byte> Resize(
        ReadOnlyMemory<byte> source, int width, int height, int newWidth, int newHeight, PictureBuffers? buffers)
    {
        if (_filter is not null)
        {
            var columnsFirst = newHeight < height && (long)height * newWidth > (long)width * newHeight;
            return ByteResampler.Resize(source, width, height, newWidth, newHeight, _filter, columnsFirst, buffers);
        }

        return (width, height) == (newWidth, newHeight) ? source : Nearest(source.Span, width, height, newWidth, newHeight, buffers);
    }

    private static Memory<byte> Nearest(
        ReadOnlySpan<byte> source, int width, int height, int newWidth, int newHeight, PictureBuffers? buffers)
    {
        var (columns, rows) = (NearestPositions(width, newWidth), NearestPositions(height, newHeight));
        var resized = PictureBuffers.Take<byte>(buffers, newWidth * newHeight * Channels);
        var pixels = resized.Span;
        var target = 0;
        foreach (var row in rows)
        {
            foreach (var column in columns)
            {
                source.Slice(((row * width) + column) * Channels, Channels).CopyTo(pixels[target..]);
                target += Channels;
            }
        }

        return resized;
    }

    /// <summary>Pillow adds the scale up step by step; its rounding errors decide about pixels at edges.</summary>
    private static int[] NearestPositions(int length, int newLength)
    {
        var scale = (double)length / newLength;
        var positions = new int[newLength];
        var position = scale * 0.5;
        for (var i = 0; i < newLength; i++)
        {
            positions[i] = Math.Min((int)position, length - 1);
            position += scale;
        }

        return positions;
    }
}
