using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace ZoPrune.AI.Pruning;

/// <summary>
/// Cosine distances in float32, right up to <see cref="Error"/>: to set aside what is clearly too near, at a fraction of the cost of
/// <see cref="CosineGeometry.Distance"/>. Of the rows as they are, or of copies of length one.
/// </summary>
internal sealed class UnitRows : IDisposable
{
    // Reciprocal lengths within this range are as exact in float32 as any other number.
    private const double Representable = 1e36;

    // Products of rows whose reciprocal lengths lie within this range neither overflow nor vanish in float32.
    private const double Harmless = 1e15;

    private readonly TokenMatrix _rows;
    private readonly double[] _factors;
    private readonly float[]? _values;
    private readonly int _stride;

    /// <summary>Rounds the rows.</summary>
    /// <param name="rows">The rows as they are.</param>
    /// <param name="mean">What is taken from each, or empty.</param>
    /// <param name="inverseLengths">The reciprocal length of each row less the mean; 0 for a row without direction. Referenced.</param>
    /// <param name="error">What the distances in double are themselves off, besides the rounding here.</param>
    public UnitRows(TokenMatrix rows, ReadOnlySpan<double> mean, double[] inverseLengths, double error)
    {
        (_rows, _factors) = (rows, inverseLengths);
        _stride = DotProduct.Align(rows.Width);
        Error = error + DotProduct.ErrorInSingle(_stride);
        if (mean.IsEmpty && _stride == rows.Width && Array.TrueForAll(inverseLengths, f => f is 0 or > 1 / Harmless and < Harmless))
        {
            // As they are they serve as well, and need not be written anew: usual widths and lengths.
            return;
        }

        _values = ArrayPool<float>.Shared.Rent(checked(rows.Rows * _stride));
        for (var i = 0; i < rows.Rows; i++)
        {
            Scale(rows.Row(i), mean, inverseLengths[i], _values.AsSpan(i * _stride, rows.Width));
            _values.AsSpan((i * _stride) + rows.Width, _stride - rows.Width).Clear();
        }
    }

    /// <summary>How far <see cref="Distance"/> can be from <see cref="CosineGeometry.Distance"/>.</summary>
    public double Error { get; }

    /// <summary><c>1 − cos</c> of two rows, give or take <see cref="Error"/>.</summary>
    public double Distance(int i, int j) => _values is null
        ? 1.0 - (DotProduct.InSingle(_rows.Row(i), _rows.Row(j)) * (_factors[i] * _factors[j]))
        : 1.0 - DotProduct.InSingle(_values.AsSpan(i * _stride, _stride), _values.AsSpan(j * _stride, _stride));

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (_values is not null)
        {
            ArrayPool<float>.Shared.Return(_values);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(ReadOnlySpan<float> row, ReadOnlySpan<double> mean, double factor, Span<float> result)
    {
        if (mean.IsEmpty && factor is 0 or > 1 / Representable and < Representable)
        {
            TensorPrimitives.Multiply(row, (float)factor, result);
            return;
        }

        for (var k = 0; k < row.Length; k++)
        {
            result[k] = (float)((mean.IsEmpty ? row[k] : row[k] - mean[k]) * factor);
        }
    }
}
