namespace ZoPrune.AI.SyntheticVlm.Weights;

/// <summary>
/// Random matrices as <c>MatMulNBits</c> takes them: 4 bits, blocks of 32 along the inputs, symmetric (zero point 8), the first of two
/// values in the low bits. The largest value of a block becomes −8, as ONNX Runtime's own quantiser does it.
/// </summary>
internal static class BlockQuantizer
{
    public const int BlockSize = 32;
    public const int BlockBytes = BlockSize / 2;

    private const int ZeroPoint = 8;
    private const byte TwoZeros = (ZeroPoint << 4) | ZeroPoint;

    /// <summary>Draws a matrix of [outputs, inputs] and writes its quantised values and the scales of its blocks.</summary>
    /// <param name="numbers">Where the values come from.</param>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns, a multiple of <see cref="BlockSize"/>.</param>
    /// <param name="deviation">The standard deviation of the values before they are quantised.</param>
    /// <param name="silent">How many of the first rows are zero.</param>
    /// <param name="values">Takes outputs · inputs / 2 bytes.</param>
    /// <param name="scales">Takes outputs · inputs / 32 numbers.</param>
    public static void Write(
        NormalNumbers numbers, int outputs, int inputs, double deviation, int silent, WeightRegion values, WeightRegion scales)
    {
        var blocks = inputs / BlockSize;
        var packed = new byte[blocks * BlockBytes];
        var factors = new float[blocks];
        var unit = (float)(deviation / NormalNumbers.Deviation);
        Span<int> block = stackalloc int[BlockSize];
        for (var row = 0; row < outputs; row++)
        {
            for (var b = 0; b < blocks; b++)
            {
                factors[b] = Quantize(numbers, block, packed.AsSpan(b * BlockBytes, BlockBytes)) * unit;
            }

            if (row < silent)
            {
                Array.Fill(packed, TwoZeros);
            }

            values.Write(packed);
            scales.Write(factors);
        }
    }

    /// <returns>The scale, in units of the drawn integers.</returns>
    private static float Quantize(NormalNumbers numbers, Span<int> block, Span<byte> packed)
    {
        var largest = 0;
        foreach (ref var value in block)
        {
            value = numbers.NextInteger();
            largest = Math.Abs(value) > Math.Abs(largest) ? value : largest;
        }

        if (largest == 0)
        {
            packed.Fill(TwoZeros);
            return 0;
        }

        var scale = largest / -(float)ZeroPoint;
        for (var i = 0; i < packed.Length; i++)
        {
            packed[i] = (byte)(Level(block[2 * i] / scale) | (Level(block[(2 * i) + 1] / scale) << 4));
        }

        return scale;
    }

    private static int Level(float value) => Math.Clamp((int)MathF.Round(value) + ZeroPoint, 0, 15);
}
