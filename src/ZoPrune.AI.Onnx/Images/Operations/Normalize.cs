using System.Numerics.Tensors;

namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Per channel: minus mean, divided by standard deviation, in float32.</summary>
/// <remarks>The flags <c>qwen2_5_vl</c> and <c>qwen3_vl</c> exchange the first and third channel before that.</remarks>
internal sealed class Normalize : PixelOperation
{
    public const string TypeName = "Normalize";

    private static readonly double[] ClipMean = [0.48145466, 0.4578275, 0.40821073];
    private static readonly double[] ClipDeviation = [0.26862954, 0.26130258, 0.27577711];

    private readonly float[] _mean;
    private readonly float[] _deviation;
    private readonly bool _swap;

    public Normalize(OperationIdentity identity, OperationAttributes attributes)
        : base(identity, ImageTensorType.Float32)
    {
        _mean = [.. attributes.Floats("mean", Channels, ClipMean).Select(value => (float)value)];
        _deviation = [.. attributes.Floats("std", Channels, ClipDeviation).Select(value => (float)value)];
        _swap = attributes.Flag("qwen2_5_vl", false) | attributes.Flag("qwen3_vl", false);
    }

    protected override ImageTensor Apply(ImageTensor input, PictureBuffers? buffers)
    {
        var source = input.Singles.Span;
        var normalized = PictureBuffers.Take<float>(buffers, source.Length);
        var values = normalized.Span;
        var rowLength = input.Shape[1] * Channels;
        var means = RowOf(_mean, rowLength);
        var deviations = RowOf(_deviation, rowLength);
        for (var start = 0; start < values.Length; start += rowLength)
        {
            var row = values.Slice(start, rowLength);
            if (_swap)
            {
                SwapChannels(source.Slice(start, rowLength), row);
                TensorPrimitives.Subtract(row, means, row);
            }
            else
            {
                TensorPrimitives.Subtract(source.Slice(start, rowLength), means, row);
            }

            TensorPrimitives.Divide(row, deviations, row);
        }

        return new ImageTensor(normalized, input.Shape);
    }

    private static float[] RowOf(float[] channels, int length)
    {
        var row = new float[length];
        for (var i = 0; i < length; i++)
        {
            row[i] = channels[i % Channels];
        }

        return row;
    }

    private static void SwapChannels(ReadOnlySpan<float> source, Span<float> target)
    {
        for (var i = 0; i <= source.Length - Channels; i += Channels)
        {
            target[i] = source[i + 2];
            target[i + 1] = source[i + 1];
            target[i + 2] = source[i];
        }
    }
}
