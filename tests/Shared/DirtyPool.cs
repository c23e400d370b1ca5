using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ZoPrune.AI.Testing;

/// <summary>
/// Leaves arrays full of rubbish in the shared pools, as earlier work does: whoever rents one and trusts what is in it, fails.
/// </summary>
internal static class DirtyPool
{
    private const int LargestBytes = 1 << 24;
    private const int ArraysOfALength = 6;
    private const int LargeArraysOfALength = 2;
    private const byte Rubbish = 0xFF;

    /// <summary>Fills arrays of every length up to 16 MiB with ones: as floats they are NaN, as integers -1.</summary>
    public static void Fill<T>()
        where T : unmanaged
    {
        for (var length = 16; (long)length * Unsafe.SizeOf<T>() <= LargestBytes; length *= 2)
        {
            var isLarge = length * Unsafe.SizeOf<T>() > LargestBytes / 32;
            var count = isLarge ? LargeArraysOfALength : ArraysOfALength;
            var arrays = Enumerable.Range(0, count).Select(_ => ArrayPool<T>.Shared.Rent(length)).ToArray();
            foreach (var array in arrays)
            {
                MemoryMarshal.AsBytes(array.AsSpan()).Fill(Rubbish);
                ArrayPool<T>.Shared.Return(array);
            }
        }
    }
}
