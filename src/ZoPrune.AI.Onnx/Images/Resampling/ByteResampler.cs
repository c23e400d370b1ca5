using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ZoPrune.AI.Onnx.Images.Resampling;

/// <summary>Resizes 8-bit RGB images exactly as ONNX Runtime GenAI does (Pillow's algorithm in integers).</summary>
/// <remarks>
/// Rows first, then columns, unless told otherwise; 8 bits between the passes; a pass whose size does not change is left out. SkiaSharp and
/// other .NET libraries resample with other weights, so their pixels differ from those that the models are run with.
/// </remarks>
internal static class ByteResampler
{
    private const int Channels = 3;
    private const int Half = 1 << (ResampleWeights.FractionBits - 1);

    /// <summary>Resizes an image of shape [height, width, 3].</summary>
    /// <returns>Shape [newHeight, newWidth, 3]; the source itself where nothing changes.</returns>
    public static ReadOnlyMemory<byte> Resize(
        ReadOnlyMemory<byte> source,
        int width,
        int height,
        int newWidth,
        int newHeight,
        ResampleFilter filter,
        bool columnsFirst = false,
        PictureBuffers? buffers = null) => ResamplePasses.Run(
            source, (width, height), (newWidth, newHeight), Channels, filter, ResizeRows, ResizeColumns, columnsFirst, buffers);

    private static void ResizeRows(
        ReadOnlyMemory<byte> source, int width, int height, int newWidth, Memory<byte> target, ResampleFilter filter)
    {
        var weights = ResampleWeights.Create(width, newWidth, filter);
        var integers = weights.ToFixedPoint();
        RowBands.Run(
            height,
            (long)height * newWidth * weights.Stride * Channels,
            y => ResizeRow(
                source.Span.Slice(y * width * Channels, width * Channels),
                target.Span.Slice(y * newWidth * Channels, newWidth * Channels),
                weights,
                integers));
    }

    private static void ResizeRow(ReadOnlySpan<byte> source, Span<byte> target, ResampleWeights weights, ReadOnlySpan<int> integers)
    {
        ref var pixels = ref MemoryMarshal.GetReference(source);
        var lastPixel = source.Length - Channels;
        for (var x = 0; x < weights.Starts.Length; x++)
        {
            var taps = integers.Slice(x * weights.Stride, weights.Counts[x]);
            var offset = weights.Starts[x] * Channels;
            var sum = Vector128.Create(Half);
            foreach (var tap in taps)
            {
                // Four bytes are read for three; behind the very last pixel there is no fourth.
                var packed = offset == lastPixel
                    ? Unsafe.Add(ref pixels, offset) | ((uint)Unsafe.Add(ref pixels, offset + 1) << 8)
                        | ((uint)Unsafe.Add(ref pixels, offset + 2) << 16)
                    : ReadFour(ref pixels, offset);
                var channels = Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(packed).AsByte())).AsInt32();
                sum += channels * tap;
                offset += Channels;
            }

            var result = Clip(sum);
            target[x * Channels] = (byte)result.GetElement(0);
            target[(x * Channels) + 1] = (byte)result.GetElement(1);
            target[(x * Channels) + 2] = (byte)result.GetElement(2);
        }
    }

    private static uint ReadFour(ref byte pixels, int offset)
    {
        var packed = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref pixels, offset));
        return BitConverter.IsLittleEndian ? packed : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(packed);
    }

    private static void ResizeColumns(
        ReadOnlyMemory<byte> source, int width, int height, int newHeight, Memory<byte> target, ResampleFilter filter)
    {
        var weights = ResampleWeights.Create(height, newHeight, filter);
        var integers = weights.ToFixedPoint();
        var rowLength = width * Channels;
        RowBands.Run(
            newHeight,
            (long)newHeight * rowLength * weights.Stride,
            y => CombineRows(
                source.Span.Slice(weights.Starts[y] * rowLength, weights.Counts[y] * rowLength),
                integers.AsSpan(y * weights.Stride, weights.Counts[y]),
                target.Span.Slice(y * rowLength, rowLength)));
    }

    private static void CombineRows(ReadOnlySpan<byte> rows, ReadOnlySpan<int> taps, Span<byte> target)
    {
        ref var pixels = ref MemoryMarshal.GetReference(rows);
        var length = target.Length;
        var i = 0;
        for (; i <= length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            var (sum0, sum1, sum2, sum3) = (Vector128.Create(Half), Vector128.Create(Half), Vector128.Create(Half), Vector128.Create(Half));
            var offset = (nuint)i;
            foreach (var tap in taps)
            {
                var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref pixels, offset));
                var weight = Vector128.Create(tap);
                sum0 += Vector128.WidenLower(low).AsInt32() * weight;
                sum1 += Vector128.WidenUpper(low).AsInt32() * weight;
                sum2 += Vector128.WidenLower(high).AsInt32() * weight;
                sum3 += Vector128.WidenUpper(high).AsInt32() * weight;
                offset += (nuint)length;
            }

            var first = Vector128.Narrow(Clip(sum0).AsUInt32(), Clip(sum1).AsUInt32());
            var second = Vector128.Narrow(Clip(sum2).AsUInt32(), Clip(sum3).AsUInt32());
            Vector128.Narrow(first, second).StoreUnsafe(ref MemoryMarshal.GetReference(target), (nuint)i);
        }

        for (; i < length; i++)
        {
            var sum = Half;
            for (var tap = 0; tap < taps.Length; tap++)
            {
                sum += rows[(tap * length) + i] * taps[tap];
            }

            target[i] = (byte)Math.Clamp(sum >> ResampleWeights.FractionBits, 0, byte.MaxValue);
        }
    }

    private static Vector128<int> Clip(Vector128<int> sum) => Vector128.Min(
        Vector128.Max(Vector128.ShiftRightArithmetic(sum, ResampleWeights.FractionBits), Vector128<int>.Zero),
        Vector128.Create((int)byte.MaxValue));
}
