using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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

    /// <summary>The same for vectors of sixteen, as many additions to a lane.</summary>
    private const int WideChunk = 1024;

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

    /// <summary>
    /// The sixteen products of four rows that start at <paramref name="a"/> with four that start at <paramref name="b"/>. Where the machine
    /// computes with vectors of sixteen, eight loads serve sixteen multiply-adds; else twice <see cref="TwoByFour"/>.
    /// </summary>
    /// <param name="a">Four rows.</param>
    /// <param name="strideA">From one of them to the next.</param>
    /// <param name="b">Four rows.</param>
    /// <param name="strideB">From one of them to the next.</param>
    /// <param name="length">Columns, a multiple of <see cref="Alignment"/>.</param>
    /// <param name="sums">Sixteen sums: of the first row with the four, then of the second, and so on.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FourByFour(
        ReadOnlySpan<float> a, int strideA, ReadOnlySpan<float> b, int strideB, int length, Span<double> sums)
    {
        if (!Vector512.IsHardwareAccelerated)
        {
            TwoByFour(a, a[strideA..], b, strideB, length, sums);
            TwoByFour(a[(2 * strideA)..], a[(3 * strideA)..], b, strideB, length, sums[8..]);
            return;
        }

        ref var p0 = ref MemoryMarshal.GetReference(a[..length]);
        ref var p1 = ref MemoryMarshal.GetReference(a.Slice(strideA, length));
        ref var p2 = ref MemoryMarshal.GetReference(a.Slice(2 * strideA, length));
        ref var p3 = ref MemoryMarshal.GetReference(a.Slice(3 * strideA, length));
        ref var q0 = ref MemoryMarshal.GetReference(b[..length]);
        ref var q1 = ref MemoryMarshal.GetReference(b.Slice(strideB, length));
        ref var q2 = ref MemoryMarshal.GetReference(b.Slice(2 * strideB, length));
        ref var q3 = ref MemoryMarshal.GetReference(b.Slice(3 * strideB, length));
        sums = sums[..16];
        sums.Clear();
        for (var start = 0; start < length; start += WideChunk)
        {
            Vector512<float> s00 = default, s01 = default, s02 = default, s03 = default;
            Vector512<float> s10 = default, s11 = default, s12 = default, s13 = default;
            Vector512<float> s20 = default, s21 = default, s22 = default, s23 = default;
            Vector512<float> s30 = default, s31 = default, s32 = default, s33 = default;
            var end = Math.Min(start + WideChunk, length);
            for (var i = (nuint)start; i < (nuint)end; i += (nuint)Vector512<float>.Count)
            {
                var y0 = Vector512.LoadUnsafe(ref q0, i);
                var y1 = Vector512.LoadUnsafe(ref q1, i);
                var y2 = Vector512.LoadUnsafe(ref q2, i);
                var y3 = Vector512.LoadUnsafe(ref q3, i);
                var x = Vector512.LoadUnsafe(ref p0, i);
                s00 = Vector512.MultiplyAddEstimate(x, y0, s00);
                s01 = Vector512.MultiplyAddEstimate(x, y1, s01);
                s02 = Vector512.MultiplyAddEstimate(x, y2, s02);
                s03 = Vector512.MultiplyAddEstimate(x, y3, s03);
                x = Vector512.LoadUnsafe(ref p1, i);
                s10 = Vector512.MultiplyAddEstimate(x, y0, s10);
                s11 = Vector512.MultiplyAddEstimate(x, y1, s11);
                s12 = Vector512.MultiplyAddEstimate(x, y2, s12);
                s13 = Vector512.MultiplyAddEstimate(x, y3, s13);
                x = Vector512.LoadUnsafe(ref p2, i);
                s20 = Vector512.MultiplyAddEstimate(x, y0, s20);
                s21 = Vector512.MultiplyAddEstimate(x, y1, s21);
                s22 = Vector512.MultiplyAddEstimate(x, y2, s22);
                s23 = Vector512.MultiplyAddEstimate(x, y3, s23);
                x = Vector512.LoadUnsafe(ref p3, i);
                s30 = Vector512.MultiplyAddEstimate(x, y0, s30);
                s31 = Vector512.MultiplyAddEstimate(x, y1, s31);
                s32 = Vector512.MultiplyAddEstimate(x, y2, s32);
                s33 = Vector512.MultiplyAddEstimate(x, y3, s33);
            }

            sums[0] += Vector512.Sum(s00);
            sums[1] += Vector512.Sum(s01);
            sums[2] += Vector512.Sum(s02);
            sums[3] += Vector512.Sum(s03);
            sums[4] += Vector512.Sum(s10);
            sums[5] += Vector512.Sum(s11);
            sums[6] += Vector512.Sum(s12);
            sums[7] += Vector512.Sum(s13);
            sums[8] += Vector512.Sum(s20);
            sums[9] += Vector512.Sum(s21);
            sums[10] += Vector512.Sum(s22);
            sums[11] += Vector512.Sum(s23);
            sums[12] += Vector512.Sum(s30);
            sums[13] += Vector512.Sum(s31);
            sums[14] += Vector512.Sum(s32);
            sums[15] += Vector512.Sum(s33);
        }
    }

    /// <summary>
    /// How far <see cref="InSingle"/> can be from the product of the vectors that two rows of length one at most were rounded from:
    /// every lane adds up its share of the columns, the lanes are added up, and the rows themselves were rounded (twice, generously).
    /// </summary>
    /// <param name="length">Columns.</param>
    public static double ErrorInSingle(int length) => ((length / (4.0 * LanesInSingle)) + 24) / (1 << 24);

    private static int LanesInSingle => Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector<float>.Count;

    /// <summary>The product summed in float32, for rows of a multiple of <see cref="Alignment"/> columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float InSingle(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ref var x = ref MemoryMarshal.GetReference(a);
        ref var y = ref MemoryMarshal.GetReference(b[..a.Length]);
        var i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            const int Wide = 16;
            Vector512<float> w0 = default, w1 = default, w2 = default, w3 = default;
            for (; i <= a.Length - (4 * Wide); i += 4 * Wide)
            {
                w0 = Vector512.MultiplyAddEstimate(Vector512.LoadUnsafe(ref x, (nuint)i), Vector512.LoadUnsafe(ref y, (nuint)i), w0);
                w1 = Vector512.MultiplyAddEstimate(
                    Vector512.LoadUnsafe(ref x, (nuint)(i + Wide)), Vector512.LoadUnsafe(ref y, (nuint)(i + Wide)), w1);
                w2 = Vector512.MultiplyAddEstimate(
                    Vector512.LoadUnsafe(ref x, (nuint)(i + (2 * Wide))), Vector512.LoadUnsafe(ref y, (nuint)(i + (2 * Wide))), w2);
                w3 = Vector512.MultiplyAddEstimate(
                    Vector512.LoadUnsafe(ref x, (nuint)(i + (3 * Wide))), Vector512.LoadUnsafe(ref y, (nuint)(i + (3 * Wide))), w3);
            }

            for (; i < a.Length; i += Wide)
            {
                w0 = Vector512.MultiplyAddEstimate(Vector512.LoadUnsafe(ref x, (nuint)i), Vector512.LoadUnsafe(ref y, (nuint)i), w0);
            }

            return Vector512.Sum((w0 + w1) + (w2 + w3));
        }

        var width = Vector<float>.Count;
        Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
        for (; i <= a.Length - (4 * width); i += 4 * width)
        {
            s0 = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref x, (nuint)i), Vector.LoadUnsafe(ref y, (nuint)i), s0);
            s1 = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref x, (nuint)(i + width)), Vector.LoadUnsafe(ref y, (nuint)(i + width)), s1);
            s2 = Vector.MultiplyAddEstimate(
                Vector.LoadUnsafe(ref x, (nuint)(i + (2 * width))), Vector.LoadUnsafe(ref y, (nuint)(i + (2 * width))), s2);
            s3 = Vector.MultiplyAddEstimate(
                Vector.LoadUnsafe(ref x, (nuint)(i + (3 * width))), Vector.LoadUnsafe(ref y, (nuint)(i + (3 * width))), s3);
        }

        for (; i < a.Length; i += width)
        {
            s0 = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref x, (nuint)i), Vector.LoadUnsafe(ref y, (nuint)i), s0);
        }

        return Vector.Sum((s0 + s1) + (s2 + s3));
    }
}
