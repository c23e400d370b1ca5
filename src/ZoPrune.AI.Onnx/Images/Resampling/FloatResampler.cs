namespace ZoPrune.AI.Onnx.Images.Resampling;

/// <summary>
/// Resizes one plane of floats as ONNX Runtime GenAI does for the global views that some models take (Pillow's mode "F").
/// </summary>
/// <remarks>Weights and sums in double, float32 after each pass, no clamping; otherwise as <see cref="ByteResampler"/>.</remarks>
internal static class FloatResampler
{
    /// <summary>Resizes a plane of shape [height, width].</summary>
    /// <returns>Shape [newHeight, newWidth]; the source itself where nothing changes.</returns>
    public static ReadOnlyMemory<float> Resize(
        ReadOnlyMemory<float> source,
        int width,
        int height,
        int newWidth,
        int newHeight,
        ResampleFilter filter,
        PictureBuffers? buffers = null) => ResamplePasses.Run(
            source, (width, height), (newWidth, newHeight), channels: 1, filter, ResizeRows, ResizeColumns, columnsFirst: false, buffers);

    private static void ResizeRows(
        ReadOnlyMemory<float> source, int width, int height, int newWidth, Memory<float> target, ResampleFilter filter)
    {
        var weights = ResampleWeights.Create(width, newWidth, filter);
        RowBands.Run(height, (long)height * newWidth * weights.Stride, y =>
        {
            var input = source.Span.Slice(y * width, width);
            var output = target.Span.Slice(y * newWidth, newWidth);
            for (var x = 0; x < output.Length; x++)
            {
                var sum = 0.0;
                var taps = weights.Of(x);
                var start = weights.Starts[x];
                for (var i = 0; i < taps.Length; i++)
                {
                    sum += input[start + i] * taps[i];
                }

                output[x] = (float)sum;
            }
        });
    }

    private static void ResizeColumns(
        ReadOnlyMemory<float> source, int width, int height, int newHeight, Memory<float> target, ResampleFilter filter)
    {
        var weights = ResampleWeights.Create(height, newHeight, filter);
        RowBands.Run(newHeight, (long)newHeight * width * weights.Stride, y =>
        {
            var taps = weights.Of(y);
            var input = source.Span.Slice(weights.Starts[y] * width, taps.Length * width);
            var output = target.Span.Slice(y * width, width);
            for (var x = 0; x < output.Length; x++)
            {
                var sum = 0.0;
                for (var i = 0; i < taps.Length; i++)
                {
                    sum += input[(i * width) + x] * taps[i];
                }

                output[x] = (float)sum;
            }
        });
    }
}
