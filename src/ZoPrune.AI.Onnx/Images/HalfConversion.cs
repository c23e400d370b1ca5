namespace ZoPrune.AI.Onnx.Images;

/// <summary>Conversions of float32 values to the 16-bit types of a graph, bit by bit as ONNX Runtime GenAI does them on the CPU.</summary>
/// <remarks>
/// To float16: exact ties go away from zero (ordinary casts go to even), what is too large becomes a NaN pattern. To bfloat16: the low
/// bits are cut off.
/// </remarks>
internal static class HalfConversion
{
    /// <summary>Converts one value to float16.</summary>
    public static Half ToHalf(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        bits = unchecked(bits + 0x1000);
        var exponent = (bits & 0x7F800000) >> 23;
        var mantissa = bits & 0x007FFFFF;
        var half = (bits & 0x80000000) >> 16;
        if (exponent > 143)
        {
            half |= 0x7FFF;
        }
        else if (exponent > 112)
        {
            half |= (((exponent - 112) << 10) & 0x7C00) | (mantissa >> 13);
        }
        else if (exponent > 101)
        {
            half |= (((0x007FF000 + mantissa) >> (int)(125 - exponent)) + 1) >> 1;
        }

        return BitConverter.UInt16BitsToHalf((ushort)half);
    }

    /// <summary>Converts values to float16.</summary>
    /// <param name="source">The values.</param>
    /// <param name="target">As many elements.</param>
    /// <exception cref="ArgumentException">The target is shorter than the source.</exception>
    public static void ToHalf(ReadOnlySpan<float> source, Span<Half> target)
    {
        CheckLength(source, target.Length);
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = ToHalf(source[i]);
        }
    }

    /// <summary>Converts one value to the bits of a bfloat16.</summary>
    public static ushort ToBFloat16Bits(float value) => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);

    /// <summary>Converts values to the bits of bfloat16.</summary>
    /// <param name="source">The values.</param>
    /// <param name="target">As many elements.</param>
    /// <exception cref="ArgumentException">The target is shorter than the source.</exception>
    public static void ToBFloat16Bits(ReadOnlySpan<float> source, Span<ushort> target)
    {
        CheckLength(source, target.Length);
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = ToBFloat16Bits(source[i]);
        }
    }

    private static void CheckLength(ReadOnlySpan<float> source, int length)
    {
        if (length < source.Length)
        {
            throw new ArgumentException($"{source.Length} values do not fit into {length} elements.", nameof(length));
        }
    }
}
