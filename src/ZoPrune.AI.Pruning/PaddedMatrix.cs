namespace ZoPrune.AI.Pruning;

/// <summary>A matrix as <see cref="DotProduct.TwoByFour"/> wants it: rows by four, columns aligned, filled up with zeros.</summary>
internal sealed class PaddedMatrix
{
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
    public static PaddedMatrix TransposeOf(ReadOnlySpan<float> values, int rows, int width)
    {
        var stride = DotProduct.Align(rows);
        var padded = new float[checked(RoundToFour(width) * stride)];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < width; column++)
            {
                padded[(column * stride) + row] = values[(row * width) + column];
            }
        }

        return new PaddedMatrix(padded, stride);
    }

    public static int RoundToFour(int rows) => checked((rows + 3) / 4 * 4);
}
