namespace ZoPrune.AI.Pruning.Tests;

public class DeterministicRandomTests
{
    [Fact]
    public void Integers_are_those_of_SplitMix64()
    {
        // The published test vector for seed 1234567.
        var random = new DeterministicRandom(1234567);
        ulong[] actual = [.. Enumerable.Range(0, 5).Select(_ => random.NextUInt64())];
        Assert.Equal(
            [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821], actual);
    }

    [Fact]
    public void Deviates_are_those_of_an_independent_implementation()
    {
        var random = new DeterministicRandom(-7);
        double[] expected = [-2.605616006442244, -0.7167080822080064, 0.28470137411295965, 1.3299513935539427];
        Assert.All(expected, e => Assert.Equal(e, random.NextGaussian(), 1e-14));
    }

    [Fact]
    public void Deviates_are_standard_normal()
    {
        var random = new DeterministicRandom(1);
        double[] values = [.. Enumerable.Range(0, 200_000).Select(_ => random.NextGaussian())];
        Assert.Equal(0, values.Average(), 0.01);
        Assert.Equal(1, values.Average(x => x * x), 0.02);
        Assert.Equal(3, values.Average(x => x * x * x * x), 0.1);
        Assert.Equal(0.6827, values.Count(x => Math.Abs(x) < 1) / 200_000.0, 0.005);
    }

    [Fact]
    public void Own_logarithm_is_exact_to_the_last_digits()
    {
        for (var i = 1; i < 5000; i++)
        {
            var x = i / 5000.0;
            Assert.Equal(Math.Log(x), DeterministicRandom.Log(x), 4e-16 * Math.Max(1, Math.Abs(Math.Log(x))));
        }

        Assert.Equal(Math.Log(1e-30), DeterministicRandom.Log(1e-30), 1e-13);
    }

    [Fact]
    public void Bounded_integers_are_even()
    {
        var random = new DeterministicRandom(3);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++)
        {
            counts[random.NextBelow(7)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
    }
}
