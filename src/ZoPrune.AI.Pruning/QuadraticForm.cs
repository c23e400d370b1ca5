using System.Runtime.CompilerServices;

namespace ZoPrune.AI.Pruning;

/// <summary>
/// The symmetric matrix <c>M = (W2ᵀ W2) ∘ (W1 W1ᵀ)</c> of a projector, kept as its lower triangle with off-diagonal entries doubled:
/// <c>gᵀ M g = Σ_i g_i Σ_{j ≤ i} L_ij g_j</c> at half the work and half the memory.
/// </summary>
internal sealed class QuadraticForm : IQuadraticForm
{
    // Columns of four rows that leave most of the first-level cache to others.
    private const int CacheBlock = 1024;

    private const int QuadsInTile = 8;

    private readonly float[][] _quads;

    private QuadraticForm(float[][] quads) => _quads = quads;

    /// <summary>32 rows of 4096 floats fit the second-level cache.</summary>
    public int Tile => 32;

    /// <inheritdoc/>
    public int Group => 4;

    /// <inheritdoc/>
    public int Columns => DotProduct.Alignment;

    /// <summary>Makes the matrix; <paramref name="w1"/> is [size, d_v], <paramref name="w2Transposed"/> [size, d_t].</summary>
    public static QuadraticForm Create(PaddedMatrix w1, PaddedMatrix w2Transposed, int size)
    {
        // Rows 4q to 4q + 3 lie behind one another, all of the same aligned length; what exceeds the triangle is zero.
        var quads = new float[PaddedMatrix.RoundToFour(size) / 4][];

        // Later tiles are longer: begin with them, so that no thread is left with the longest at the end.
        var tiles = (quads.Length + QuadsInTile - 1) / QuadsInTile;
        Parallel.For(0, tiles, tile => CreateTile(w1, w2Transposed, quads, (tiles - 1 - tile) * QuadsInTile));
        return new QuadraticForm(quads);
    }

    /// <summary>A row up to its diagonal, entries before it doubled.</summary>
    public ReadOnlySpan<float> Row(int i) => _quads[i / 4].AsSpan(i % 4 * LengthOf(i / 4), i + 1);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Evaluate(ReadOnlySpan<float> g, int stride, int count, Span<double> results)
    {
        Span<double> sums = stackalloc double[16];
        results[..count].Clear();
        for (var quad = 0; quad < _quads.Length; quad++)
        {
            var length = LengthOf(quad);
            ReadOnlySpan<float> rows = _quads[quad];
            for (var first = 0; first < count; first += 4)
            {
                var four = g[(first * stride)..];
                DotProduct.FourByFour(rows, length, four, stride, length, sums);
                for (var k = 0; k < 4; k++)
                {
                    var at = (k * stride) + (4 * quad);
                    results[first + k] += (four[at] * sums[k]) + (four[at + 1] * sums[4 + k])
                        + (four[at + 2] * sums[8 + k]) + (four[at + 3] * sums[12 + k]);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CreateTile(PaddedMatrix w1, PaddedMatrix w2Transposed, float[][] quads, int first)
    {
        var last = Math.Min(first + QuadsInTile, quads.Length);
        for (var quad = first; quad < last; quad++)
        {
            quads[quad] = new float[4 * LengthOf(quad)];
        }

        Span<double> inner = stackalloc double[QuadsInTile * 16];
        Span<double> outer = stackalloc double[QuadsInTile * 16];
        for (var column = 0; column < last; column++)
        {
            var top = Math.Max(first, column);
            Multiply(w1, top, last, column, inner);
            Multiply(w2Transposed, top, last, column, outer);
            for (var quad = top; quad < last; quad++)
            {
                var length = LengthOf(quad);
                var at = (quad - top) * 16;
                for (var k = 0; k < 16; k++)
                {
                    var (i, j) = ((4 * quad) + (k / 4), (4 * column) + (k % 4));
                    if (j <= i)
                    {
                        quads[quad][((k / 4) * length) + j] = (float)((i == j ? 1 : 2) * inner[at + k] * outer[at + k]);
                    }
                }
            }
        }
    }

    /// <summary>Products of the quads of rows from <paramref name="top"/> to <paramref name="last"/> with those of one quad.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply(PaddedMatrix matrix, int top, int last, int column, Span<double> results)
    {
        Span<double> sums = stackalloc double[16];
        results[..((last - top) * 16)].Clear();

        // Column by column of blocks, so that the one quad stays in the first-level cache.
        for (var start = 0; start < matrix.Stride; start += CacheBlock)
        {
            var length = Math.Min(CacheBlock, matrix.Stride - start);
            var right = matrix.From(4 * column)[start..];
            for (var quad = top; quad < last; quad++)
            {
                DotProduct.FourByFour(matrix.From(4 * quad)[start..], matrix.Stride, right, matrix.Stride, length, sums);
                for (var k = 0; k < 16; k++)
                {
                    results[((quad - top) * 16) + k] += sums[k];
                }
            }
        }
    }

    private static int LengthOf(int quad) => DotProduct.Align((4 * quad) + 4);
}
