using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ZoPrune.AI.Pruning;

/// <summary>
/// Inner products of float32 rows. A result depends on the two rows alone, never on where they lie or which others are computed with
/// them, so that equal rows give equal bits and ties are real ties. Optimised at once, not after some calls: the first image counts, too.
/// </summary>
internal static class DotProduct
{
    /// <summary>Lengths and strides for <see cref="TwoByFour"/> are multiples of this.</summary>
    public static readonly int Alignment = Math.Max(16, Vector<float>.Count);

    /// <summary>Float32 sums are closed after this many columns and go on in double: bounds the error for any width.</summary>
    private const int Chunk = 512;

    public static int Align(int length) => checked((length + Alignment - 1) / Alignment * Alignment);

    /// <summary>The product summed in double; symmetric to the last bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double InDouble(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ref var x = ref MemoryMarshal.GetReference(a);
        ref var y = ref MemoryMarshal.GetReference(b[..a.Length]);
        var width = Vector<float>.Count;
        var end = a.Length - (a.Length % (2 * width));
        Vector<double> s0 = default, s1 = default, s2 = default, s3 = default;
        for (var i = 0; i < end; i += 2 * width)
        {
            Vector.Widen(Vector.LoadUnsafe(ref x, (nuint)i), out var x0, out var x1);
            Vector.Widen(Vector.LoadUnsafe(ref y, (nuint)i), out var y0, out var y1);
            s0 = Vector.MultiplyAddEstimate(x0, y0, s0);
            s1 = Vector.MultiplyAddEstimate(x1, y1, s1);
            Vector.Widen(Vector.LoadUnsafe(ref x, (nuint)(i + width)), out x0, out x1);
            Vector.Widen(Vector.LoadUnsafe(ref y, (nuint)(i + width)), out y0, out y1);
            s2 = Vector.MultiplyAddEstimate(x0, y0, s2);
            s3 = Vector.MultiplyAddEstimate(x1, y1, s3);
        }

        var sum = Vector.Sum((s0 + s1) + (s2 + s3));
        for (var i = end; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }

    /// <summary>The squared distance, of differences and sums in double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ref var x = ref MemoryMarshal.GetReference(a);
        ref var y = ref MemoryMarshal.GetReference(b[..a.Length]);
        var width = Vector<float>.Count;
        var end = a.Length - (a.Length % width);
        Vector<double> s0 = default, s1 = default;
        for (var i = 0; i < end; i += width)
        {
            Vector.Widen(Vector.LoadUnsafe(ref x, (nuint)i), out var x0, out var x1);
            Vector.Widen(Vector.LoadUnsafe(ref y, (nuint)i), out var y0, out var y1);
            var (d0, d1) = (x0 - y0, x1 - y1);
            s0 = Vector.MultiplyAddEstimate(d0, d0, s0);
            s1 = Vector.MultiplyAddEstimate(d1, d1, s1);
        }

        var sum = Vector.Sum(s0 + s1);
        for (var i = end; i < a.Length; i++)
        {
            var d = (double)a[i] - b[i];
            sum += d * d;
        }

        return sum;
    }

    /// <summary>
    /// The eight products of two rows <paramref name="a0"/>, <paramref name="a1"/> with four rows that start at <paramref name="b"/>,
    /// <paramref name="stride"/> apart: the kernel of all matrix products here, six loads for eight multiply-adds.
    /// </summary>
    /// <param name="a0">The first row, at least <paramref name="length"/> long.</param>
    /// <param name="a1">The second row, as long.</param>
    /// <param name="b">Four rows.</param>
    /// <param name="stride">From one of the four rows to the next.</param>
    /// <param name="length">Columns, a multiple of <see cref="Alignment"/>.</param>
    /// <param name="sums">Eight sums: of the first row with the four, then of the second.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TwoByFour(
        ReadOnlySpan<float> a0, ReadOnlySpan<float> a1, ReadOnlySpan<float> b, int stride, int length, Span<double> sums)
    {
        ref var p0 = ref MemoryMarshal.GetReference(a0[..length]);
        ref var p1 = ref MemoryMarshal.GetReference(a1[..length]);
        ref var q0 = ref MemoryMarshal.GetReference(b[..length]);
        ref var q1 = ref MemoryMarshal.GetReference(b.Slice(stride, length));
        ref var q2 = ref MemoryMarshal.GetReference(b.Slice(2 * stride, length));
        ref var q3 = ref MemoryMarshal.GetReference(b.Slice(3 * stride, length));
        sums = sums[..8];
        sums.Clear();
        for (var start = 0; start < length; start += Chunk)
        {
            Vector<float> s00 = default, s01 = default, s02 = default, s03 = default;
            Vector<float> s10 = default, s11 = default, s12 = default, s13 = default;
            var end = Math.Min(start + Chunk, length);
            for (var i = (nuint)start; i < (nuint)end; i += (nuint)Vector<float>.Count)
            {
                var x0 = Vector.LoadUnsafe(ref p0, i);
                var x1 = Vector.LoadUnsafe(ref p1, i);
                var y = Vector.LoadUnsafe(ref q0, i);
                s00 = Vector.MultiplyAddEstimate(x0, y, s00);
                s10 = Vector.MultiplyAddEstimate(x1, y, s10);
                y = Vector.LoadUnsafe(ref q1, i);
                s01 = Vector.MultiplyAddEstimate(x0, y, s01);
                s11 = Vector.MultiplyAddEstimate(x1, y, s11);
                y = Vector.LoadUnsafe(ref q2, i);
                s02 = Vector.MultiplyAddEstimate(x0, y, s02);
                s12 = Vector.MultiplyAddEstimate(x1, y, s12);
                y = Vector.LoadUnsafe(ref q3, i);
                s03 = Vector.MultiplyAddEstimate(x0, y, s03);
                s13 = Vector.MultiplyAddEstimate(x1, y, s13);
            }

            sums[0] += Vector.Sum(s00);
            sums[1] += Vector.Sum(s01);
            sums[2] += Vector.Sum(s02);
            sums[3] += Vector.Sum(s03);
            sums[4] += Vector.Sum(s10);
            sums[5] += Vector.Sum(s11);
            sums[6] += Vector.Sum(s12);
            sums[7] += Vector.Sum(s13);
        }
    }
}
