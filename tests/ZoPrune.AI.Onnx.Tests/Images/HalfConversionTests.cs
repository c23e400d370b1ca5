using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Tests.Images;

public class HalfConversionTests
{
    [Theory]
    [InlineData(0f, 0x0000)]
    [InlineData(-0f, 0x8000)]
    [InlineData(1f, 0x3C00)]
    [InlineData(-2f, 0xC000)]
    [InlineData(65504f, 0x7BFF)]
    [InlineData(0.333333343f, 0x3555)]

    // 2^-14 and 2^-24 are the least normal and the least subnormal value; half of the latter is a tie with zero, below it is zero.
    [InlineData(6.1035156e-05f, 0x0400)]
    [InlineData(5.9604645e-08f, 0x0001)]
    [InlineData(1e-10f, 0x0000)]
    [InlineData(-1e-10f, 0x8000)]

    // 1 + 2^-11 lies midway between 1 and 1 + 2^-10: away from zero, where an ordinary cast goes to the even 1.
    [InlineData(1.00048828125f, 0x3C01)]
    [InlineData(-1.00048828125f, 0xBC01)]
    [InlineData(1.000488f, 0x3C00)]

    // From 2^17 on all bits below the sign are set.
    [InlineData(131072f, 0x7FFF)]
    [InlineData(-1e30f, 0xFFFF)]
    public void Float16_has_the_bits_of_GenAI(float value, int bits) =>
        Assert.Equal(bits, BitConverter.HalfToUInt16Bits(HalfConversion.ToHalf(value)));

    [Fact]
    public void Float16_differs_from_an_ordinary_cast_at_exact_ties_only()
    {
        for (var bits = 0x3F800000; bits < 0x40000000; bits += 0x400)
        {
            var value = BitConverter.Int32BitsToSingle(bits);
            var away = (bits & 0x3FFF) == 0x1000 ? 1 : 0;
            Assert.Equal(BitConverter.HalfToUInt16Bits((Half)value) + away, BitConverter.HalfToUInt16Bits(HalfConversion.ToHalf(value)));
        }
    }

    [Theory]
    [InlineData(1f, 0x3F80)]
    [InlineData(1.9999999f, 0x3FFF)]
    [InlineData(-1.00390625f, 0xBF80)]
    [InlineData(float.PositiveInfinity, 0x7F80)]
    public void Bfloat16_is_cut_off(float value, int bits) => Assert.Equal(bits, HalfConversion.ToBFloat16Bits(value));

    [Fact]
    public void Whole_spans_are_converted_and_short_targets_refused()
    {
        float[] values = [1, -2, 0.5f];
        var halves = new Half[3];
        HalfConversion.ToHalf(values, halves);
        Assert.Equal([(Half)1, (Half)(-2), (Half)0.5f], halves);
        var bits = new ushort[3];
        HalfConversion.ToBFloat16Bits(values, bits);
        Assert.Equal([0x3F80, 0xC000, 0x3F00], bits.Select(b => (int)b));
        Assert.Throws<ArgumentException>(() => HalfConversion.ToHalf(values, new Half[2]));
        Assert.Throws<ArgumentException>(() => HalfConversion.ToBFloat16Bits(values, new ushort[2]));
    }
}
