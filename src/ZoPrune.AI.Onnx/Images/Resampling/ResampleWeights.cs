namespace ZoPrune.AI.Onnx.Images.Resampling;

/// <summary>For each output position of one axis: which source positions count, and how much.</summary>
/// <remarks>
/// The computation is Pillow's in double precision, step by step (the same roundings decide the same last bits). Down-scaling widens
/// the kernel by the scale, so that it averages (anti-aliasing).
/// </remarks>
internal sealed class ResampleWeights
{
    /// <summary>Fraction bits of the integer weights: 32 minus 8 for the pixel minus 2 for overshoot.</summary>
    public const int FractionBits = 22;

    private readonly double[] _values;

    private ResampleWeights(int outputSize, int stride)
    {
        Stride = stride;
        Starts = new int[outputSize];
        Counts = new int[outputSize];
        _values = new double[checked(outputSize * stride)];
    }

    /// <summary>Distance between the weights of neighbouring output positions.</summary>
    public int Stride { get; }

    /// <summary>First source position of each output position.</summary>
    public int[] Starts { get; }

    /// <summary>Number of source positions of each output position.</summary>
    public int[] Counts { get; }

    public static ResampleWeights Create(int inputSize, int outputSize, ResampleFilter filter)
    {
        var scale = (double)inputSize / outputSize;
        var filterScale = Math.Max(scale, 1.0);
        var support = filter.Support * filterScale;
        var weights = new ResampleWeights(outputSize, ((int)Math.Ceiling(support) * 2) + 1);
        var inverseScale = 1.0 / filterScale;
        for (var position = 0; position < outputSize; position++)
        {
            var center = (position + 0.5) * scale;
            var start = Math.Max((int)(center - support + 0.5), 0);
            var count = Math.Min((int)(center + support + 0.5), inputSize) - start;
            var values = weights._values.AsSpan(position * weights.Stride, count);
            var sum = 0.0;
            for (var i = 0; i < count; i++)
            {
                values[i] = filter.Evaluate((i + start - center + 0.5) * inverseScale);
                sum += values[i];
            }

            if (sum != 0)
            {
                foreach (ref var value in values)
                {
                    value /= sum;
                }
            }

            weights.Starts[position] = start;
            weights.Counts[position] = count;
        }

        return weights;
    }

    /// <summary>The weights of one output position; they sum to 1.</summary>
    public ReadOnlySpan<double> Of(int position) => _values.AsSpan(position * Stride, Counts[position]);

    /// <summary>All weights as integers with <see cref="FractionBits"/> fraction bits, rounded half away from zero.</summary>
    public int[] ToFixedPoint()
    {
        var integers = new int[_values.Length];
        for (var i = 0; i < integers.Length; i++)
        {
            integers[i] = (int)((_values[i] < 0 ? -0.5 : 0.5) + (_values[i] * (1 << FractionBits)));
        }

        return integers;
    }
}
