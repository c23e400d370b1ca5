namespace ZoPrune.AI.Pruning;

/// <summary>
/// The symmetric matrix <c>M = (W2ᵀ W2) ∘ (W1 W1ᵀ)</c> of a projector, kept as its lower triangle with off-diagonal entries doubled:
/// <c>gᵀ M g = Σ_i g_i Σ_{j ≤ i} L_ij g_j</c> at half the work and half the memory.
/// </summary>
internal sealed class QuadraticForm
{
    /// <summary>Rows that are worked on together: 32 rows of 4096 floats fit the second-level cache.</summary>
    internal const int Tile = 32;

    private readonly float[][] _pairs;

    private QuadraticForm(float[][] pairs) => _pairs = pairs;

    /// <summary>Makes the matrix; <paramref name="w1"/> is [size, d_v], <paramref name="w2Transposed"/> [size, d_t].</summary>
    public static QuadraticForm Create(PaddedMatrix w1, PaddedMatrix w2Transposed, int size)
    {
        // Rows 2p and 2p + 1 lie behind one another, both of the same aligned length; what exceeds the triangle is zero.
        var rows = PaddedMatrix.RoundToFour(size);
        var pairs = new float[rows / 2][];
        Parallel.For(0, (rows + Tile - 1) / Tile, tile =>
        {
            var (first, last) = (tile * Tile / 2, Math.Min((tile + 1) * Tile, rows) / 2);
            for (var pair = first; pair < last; pair++)
            {
                pairs[pair] = new float[2 * LengthOf(pair)];
            }

            Span<double> inner = stackalloc double[8];
            Span<double> outer = stackalloc double[8];
            for (var column = 0; column < 2 * last; column += 4)
            {
                for (var pair = Math.Max(first, column / 2); pair < last; pair++)
                {
                    var row = 2 * pair;
                    DotProduct.TwoByFour(w1.From(row), w1.From(row + 1), w1.From(column), w1.Stride, w1.Stride, inner);
                    DotProduct.TwoByFour(
                        w2Transposed.From(row), w2Transposed.From(row + 1), w2Transposed.From(column), w2Transposed.Stride,
                        w2Transposed.Stride, outer);
                    for (var k = 0; k < 8; k++)
                    {
                        var (i, j) = (row + (k / 4), column + (k % 4));
                        if (j <= i)
                        {
                            pairs[pair][((k / 4) * LengthOf(pair)) + j] = (float)((i == j ? 1 : 2) * inner[k] * outer[k]);
                        }
                    }
                }
            }
        });
        return new QuadraticForm(pairs);
    }

    /// <summary>
    /// <c>gᵀ M g</c> for each of <paramref name="count"/> rows of <paramref name="g"/>, a multiple of four; columns behind the size of
    /// the matrix are zero.
    /// </summary>
    public void Evaluate(ReadOnlySpan<float> g, int stride, int count, Span<double> results)
    {
        Span<double> sums = stackalloc double[8];
        results[..count].Clear();
        for (var pair = 0; pair < _pairs.Length; pair++)
        {
            var length = LengthOf(pair);
            ReadOnlySpan<float> rows = _pairs[pair];
            for (var first = 0; first < count; first += 4)
            {
                var four = g[(first * stride)..];
                DotProduct.TwoByFour(rows, rows[length..], four, stride, length, sums);
                for (var k = 0; k < 4; k++)
                {
                    var at = (k * stride) + (2 * pair);
                    results[first + k] += (four[at] * sums[k]) + (four[at + 1] * sums[4 + k]);
                }
            }
        }
    }

    private static int LengthOf(int pair) => DotProduct.Align((2 * pair) + 2);
}
