namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>From bytes to normalised floats, as a table of 256 values a channel.</summary>
/// <remarks>
/// As transformers computes with NumPy: the factor in double and rounded to float32, then minus mean and divided by deviation in float32.
/// </remarks>
internal sealed class PixelScaling
{
    private const int Channels = RgbPixels.Channels;
    private const int Values = 256;

    private readonly float[] _table = new float[Channels * Values];

    /// <param name="factor">The factor; null leaves the values from 0 to 255.</param>
    /// <param name="normalization">Mean and deviation a channel; null leaves the values as they are.</param>
    public PixelScaling(double? factor, (double[] Mean, double[] Deviation)? normalization)
    {
        for (var channel = 0; channel < Channels; channel++)
        {
            for (var value = 0; value < Values; value++)
            {
                var scaled = factor is null ? value : (float)(value * factor.Value);
                _table[(channel * Values) + value] = normalization is var (mean, deviation)
                    ? (scaled - (float)mean[channel]) / (float)deviation[channel]
                    : scaled;
            }
        }
    }

    /// <summary>Writes planes [3, height, width].</summary>
    public void WritePlanes(RgbPixels pixels, Span<float> planes) => WritePlanes(pixels, planes, pixels.Width, pixels.Height);

    /// <summary>Writes the upper left part of planes [3, height, width].</summary>
    public void WritePlanes(RgbPixels pixels, Span<float> planes, int width, int height)
    {
        for (var channel = 0; channel < Channels; channel++)
        {
            var table = _table.AsSpan(channel * Values, Values);
            for (var y = 0; y < pixels.Height; y++)
            {
                var source = pixels.Values.Span.Slice(y * pixels.Width * Channels, pixels.Width * Channels);
                var row = planes.Slice(((channel * height) + y) * width, pixels.Width);
                for (var x = 0; x < row.Length; x++)
                {
                    row[x] = table[source[(x * Channels) + channel]];
                }
            }
        }
    }

    /// <summary>Values of shape [height, width, 3].</summary>
    public Memory<float> ToInterleaved(RgbPixels pixels)
    {
        var source = pixels.Values.Span;
        var scaled = PictureBuffers.Take<float>(pixels.Buffers, source.Length);
        var values = scaled.Span;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _table[((i % Channels) * Values) + source[i]];
        }

        return scaled;
    }

    /// <summary>Frames of one size as planes, shape <c>[.. leading, 3, height, width]</c>.</summary>
    public ImageTensor ToTensor(IReadOnlyList<RgbPixels> frames, params ReadOnlySpan<int> leading)
    {
        var (width, height) = (frames[0].Width, frames[0].Height);
        var length = Channels * width * height;
        var values = PictureBuffers.Take<float>(frames[0].Buffers, checked(frames.Count * length));
        for (var i = 0; i < frames.Count; i++)
        {
            WritePlanes(frames[i], values.Span.Slice(i * length, length));
        }

        return new ImageTensor(values, [.. leading, Channels, height, width]);
    }
}
