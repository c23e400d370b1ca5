using ZoPrune.AI.Onnx.Sampling;

namespace ZoPrune.AI.Onnx.Tests.Sampling;

public class MersenneTwisterTests
{
    [Fact]
    public void The_first_outputs_are_the_published_ones()
    {
        var random = new MersenneTwister(5489);
        uint[] expected = [3499211612, 581869302, 3890346734, 3586334585, 545404204, 4161255391];
        Assert.Equal(expected, expected.Select(_ => random.NextUInt32()));
    }

    [Fact]
    public void The_ten_thousandth_output_is_the_one_the_C_plus_plus_standard_requires()
    {
        var random = new MersenneTwister(5489);
        for (var i = 1; i < 10_000; i++)
        {
            random.NextUInt32();
        }

        Assert.Equal(4123659995u, random.NextUInt32());
    }

    [Fact]
    public void Canonical_numbers_are_those_of_libstdcxx()
    {
        // std::generate_canonical<double, 53> of std::mt19937(42), g++ 12.2.
        var random = new MersenneTwister(42);
        Assert.Equal(0.79654298428784598, random.NextCanonical());
        Assert.Equal(0.18343478789336848, random.NextCanonical());
        Assert.Equal(0.77969099761266125, random.NextCanonical());
    }
}
