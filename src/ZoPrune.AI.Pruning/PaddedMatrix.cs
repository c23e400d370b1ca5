using System.Runtime.CompilerServices;

namespace ZoPrune.AI.Pruning;

/// <summary>A matrix as <see cref="DotProduct.TwoByFour"/> wants it: rows by four, columns aligned, filled up with zeros.</summary>
internal sealed class PaddedMatrix
{
    // A block of so many rows and columns is read and written within the first-level cache.
    private const int TransposeBlock = 32;

    private readonly ReadOnlyMemory<float> _values;

    private PaddedMatrix(ReadOnlyMemory<float> values, int stride)
    {
        _values = values;
        Stride = stride;
    }

    public int Stride { get; }

    public ReadOnlySpan<float> From(int row) => _values.Span[(row * Stride)..];

    /// <summary>Wraps the matrix if its shape fits already (usual widths do), else copies it.</summary>
    public static PaddedMatrix Of(ReadOnlyMemory<float> values, int rows, int width)
    {
        var stride = DotProduct.Align(width);
        if (stride == width && rows % 4 == 0)
        {
            return new PaddedMatrix(values, stride);
        }

        var padded = new float[checked(RoundToFour(rows) * stride)];
        for (var row = 0; row < rows; row++)
        {
            values.Span.Slice(row * width, width).CopyTo(padded.AsSpan(row * stride));
        }

        return new PaddedMatrix(padded, stride);
    }

    /// <summary>The transpose of a matrix of <paramref name="rows"/> by <paramref name="width"/>.</summary>
    public static PaddedMatrix TransposeOf(ReadOnlyMemory<float> values, int rows, int width)
    {
        var stride = DotProduct.Align(rows);
        var padded = new float[checked(RoundToFour(width) * stride)];
        Parallel.For(0, (width + TransposeBlock - 1) / TransposeBlock, block =>
            TransposeColumns(values.Span, rows, width, block * TransposeBlock, padded, stride));
        return new PaddedMatrix(padded, stride);
    }

    public static int RoundToFour(int rows) => checked((rows + 3) / 4 * 4);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeColumns(ReadOnlySpan<float> values, int rows, int width, int first, float[] result, int stride)
    {
        var last = Math.Min(first + TransposeBlock, width);
        for (var top = 0; top < rows; top += TransposeBlock)
        {
            var bottom = Math.Min(top + TransposeBlock, rows);
            for (var column = first; column < last; column++)
            {
                for (var row = top; row < bottom; row++)
                {
                    result[(column * stride) + row] = values[(row * width) + column];
                }
            }
        }
    }
}
