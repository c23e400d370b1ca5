namespace ZoPrune.AI.Onnx.Images.Resampling;

/// <summary>Resizes 8-bit RGB images to floats between 0 and 1 without rounding to bytes and without clamping (Gemma 4).</summary>
/// <remarks>
/// Rows first: bytes summed in double, times 1/255 in double, stored as float32; then columns as <see cref="FloatResampler"/> does. Where
/// rows need no resizing, bytes are multiplied by 1/255 in float32.
/// </remarks>
internal static class UnitResampler
{
    private const int Channels = 3;

    /// <summary>Resizes an image of shape [height, width, 3].</summary>
    /// <returns>Shape [newHeight, newWidth, 3].</returns>
    public static ReadOnlyMemory<float> Resize(
        ReadOnlyMemory<byte> source, int width, int height, int newWidth, int newHeight, ResampleFilter filter, PictureBuffers? buffers)
    {
        var between = width == newWidth ? Rescale(source.Span, buffers) : ResizeRows(source, width, height, newWidth, filter, buffers);
        return FloatResampler.Resize(between, newWidth * Channels, height, newWidth * Channels, newHeight, filter, buffers);
    }

    private static Memory<float> Rescale(ReadOnlySpan<byte> source, PictureBuffers? buffers)
    {
        var rescaled = PictureBuffers.Take<float>(buffers, source.Length);
        var values = rescaled.Span;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = source[i] * (1f / 255f);
        }

        return rescaled;
    }

    private static Memory<float> ResizeRows(
        ReadOnlyMemory<byte> source, int width, int height, int newWidth, ResampleFilter filter, PictureBuffers? buffers)
    {
        var weights = ResampleWeights.Create(width, newWidth, filter);
        var result = PictureBuffers.Take<float>(buffers, checked(newWidth * height * Channels));
        RowBands.Run(height, (long)height * newWidth * weights.Stride * Channels, y =>
        {
            var row = source.Span.Slice(y * width * Channels, width * Channels);
            var target = result.Span.Slice(y * newWidth * Channels, newWidth * Channels);
            for (var x = 0; x < newWidth; x++)
            {
                var (red, green, blue) = (0.0, 0.0, 0.0);
                var offset = weights.Starts[x] * Channels;
                foreach (var weight in weights.Of(x))
                {
                    red += row[offset] * weight;
                    green += row[offset + 1] * weight;
                    blue += row[offset + 2] * weight;
                    offset += Channels;
                }

                target[x * Channels] = (float)(red * (1.0 / 255.0));
                target[(x * Channels) + 1] = (float)(green * (1.0 / 255.0));
                target[(x * Channels) + 2] = (float)(blue * (1.0 / 255.0));
            }
        });
        return result;
    }
}
