using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace ZoPrune.AI.Pruning;

/// <summary>
/// Products of signed bytes with unsigned ones, as the instruction VPDPBUSD takes them: four columns of eight rows in one vector. No
/// library has such a product of triangular matrices.
/// </summary>
internal static class ByteProduct
{
    // Two vectors of rows and six tokens keep twelve sums in the sixteen registers that the instruction reaches.

    /// <summary>Rows of a block.</summary>
    public const int Rows = 16;

    /// <summary>Tokens that are multiplied with a block together.</summary>
    public const int Tokens = 6;

    /// <summary>Columns that lie behind one another for a row; the columns of a block are a multiple of this.</summary>
    public const int Columns = 4;

    /// <summary>Whether the processor has the instruction.</summary>
    public static bool IsFast => AvxVnni.IsSupported;

    /// <summary>Where a block holds an entry.</summary>
    public static int Place(int row, int column) => (column / Columns * Rows * Columns) + (row * Columns) + (column % Columns);

    /// <summary>The products of a block's rows with six tokens.</summary>
    /// <param name="block">Sixteen rows, up to the last of their columns that is not zero.</param>
    /// <param name="start">What the sums of the rows begin with.</param>
    /// <param name="tokens">Six tokens.</param>
    /// <param name="stride">From one token to the next.</param>
    /// <param name="sums">Sixteen sums for each token.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(sbyte[] block, ReadOnlySpan<int> start, ReadOnlySpan<byte> tokens, int stride, Span<int> sums)
    {
        var columns = block.Length / Rows;
        if (!AvxVnni.IsSupported)
        {
            MultiplyOneByOne(block, start, tokens, stride, sums);
            return;
        }

        ref var m = ref MemoryMarshal.GetArrayDataReference(block);
        ref var p0 = ref MemoryMarshal.GetReference(tokens[..columns]);
        ref var p1 = ref MemoryMarshal.GetReference(tokens.Slice(stride, columns));
        ref var p2 = ref MemoryMarshal.GetReference(tokens.Slice(2 * stride, columns));
        ref var p3 = ref MemoryMarshal.GetReference(tokens.Slice(3 * stride, columns));
        ref var p4 = ref MemoryMarshal.GetReference(tokens.Slice(4 * stride, columns));
        ref var p5 = ref MemoryMarshal.GetReference(tokens.Slice(5 * stride, columns));
        var low = Vector256.Create(start);
        var high = Vector256.Create(start[8..]);
        var (a0, a1, a2, a3, a4, a5) = (low, low, low, low, low, low);
        var (b0, b1, b2, b3, b4, b5) = (high, high, high, high, high, high);
        for (nuint i = 0; i < (nuint)columns; i += Columns)
        {
            low = Vector256.LoadUnsafe(ref m, i * Rows).AsInt32();
            high = Vector256.LoadUnsafe(ref m, (i * Rows) + (nuint)Vector256<byte>.Count).AsInt32();
            var x = Four(ref p0, i);
            a0 = AvxVnni.MultiplyWideningAndAdd(a0, x, low.AsSByte());
            b0 = AvxVnni.MultiplyWideningAndAdd(b0, x, high.AsSByte());
            x = Four(ref p1, i);
            a1 = AvxVnni.MultiplyWideningAndAdd(a1, x, low.AsSByte());
            b1 = AvxVnni.MultiplyWideningAndAdd(b1, x, high.AsSByte());
            x = Four(ref p2, i);
            a2 = AvxVnni.MultiplyWideningAndAdd(a2, x, low.AsSByte());
            b2 = AvxVnni.MultiplyWideningAndAdd(b2, x, high.AsSByte());
            x = Four(ref p3, i);
            a3 = AvxVnni.MultiplyWideningAndAdd(a3, x, low.AsSByte());
            b3 = AvxVnni.MultiplyWideningAndAdd(b3, x, high.AsSByte());
            x = Four(ref p4, i);
            a4 = AvxVnni.MultiplyWideningAndAdd(a4, x, low.AsSByte());
            b4 = AvxVnni.MultiplyWideningAndAdd(b4, x, high.AsSByte());
            x = Four(ref p5, i);
            a5 = AvxVnni.MultiplyWideningAndAdd(a5, x, low.AsSByte());
            b5 = AvxVnni.MultiplyWideningAndAdd(b5, x, high.AsSByte());
        }

        Store(a0, b0, sums);
        Store(a1, b1, sums[Rows..]);
        Store(a2, b2, sums[(2 * Rows)..]);
        Store(a3, b3, sums[(3 * Rows)..]);
        Store(a4, b4, sums[(4 * Rows)..]);
        Store(a5, b5, sums[(5 * Rows)..]);
    }

    /// <summary>Four columns of a token, for each row the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<byte> Four(ref byte token, nuint column) =>
        Vector256.Create(Unsafe.ReadUnaligned<int>(ref Unsafe.Add(ref token, column))).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<int> low, Vector256<int> high, Span<int> sums)
    {
        low.CopyTo(sums);
        high.CopyTo(sums[8..]);
    }

    /// <summary>The same without the instruction.</summary>
    public static void MultiplyOneByOne(
        sbyte[] block, ReadOnlySpan<int> start, ReadOnlySpan<byte> tokens, int stride, Span<int> sums)
    {
        var columns = block.Length / Rows;
        for (var token = 0; token < Tokens; token++)
        {
            for (var row = 0; row < Rows; row++)
            {
                var sum = start[row];
                for (var column = 0; column < columns; column++)
                {
                    sum += tokens[(token * stride) + column] * block[Place(row, column)];
                }

                sums[(token * Rows) + row] = sum;
            }
        }
    }
}
