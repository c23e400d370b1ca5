using ZoPrune.AI.Benchmarks.Reporting;

namespace ZoPrune.AI.Benchmarks.Tests.Reporting;

public sealed class RoundSamplesTests
{
    [Theory]
    [InlineData(new[] { 3.0, 1, 2 }, 2)]
    [InlineData(new[] { 4.0, 1, 2, 10 }, 3)]
    [InlineData(new[] { 7.0 }, 7)]
    public void The_median_is_the_value_in_the_middle(double[] values, double expected)
    {
        var samples = Of(("a", values));

        Assert.Equal(expected, samples.Median("a"));
    }

    [Fact]
    public void A_ratio_is_the_median_of_the_ratios_within_rounds()
    {
        // The ratios of the rounds are 2, 4 and 2, that of the medians is 40 / 10.
        var samples = Of(("a", [2, 40, 200]), ("b", [1, 10, 100]));

        Assert.Equal(4, samples.Median("a") / samples.Median("b"));
        Assert.Equal(2, samples.Ratio("a", "b"));
    }

    [Fact]
    public void What_was_measured_in_other_rounds_is_not_compared()
    {
        var samples = Of(("a", [1, 2]), ("b", [1]));

        var fault = Assert.Throws<InvalidOperationException>(() => samples.Ratio("a", "b"));
        Assert.Contains("'a' was measured in 2 rounds, 'b' in 1", fault.Message, StringComparison.Ordinal);
        Assert.False(samples.Has("c"));
        Assert.Throws<KeyNotFoundException>(() => samples.Median("c"));
    }

    [Fact]
    public void Rounds_are_added_under_other_names_alone()
    {
        var samples = Of(("a", [1, 2]));

        samples.Add(Of(("b", [4, 8])));

        Assert.Equal(4, samples.Ratio("b", "a"));
        Assert.Throws<ArgumentException>(() => samples.Add(Of(("a", [3]))));
    }

    private static RoundSamples Of(params (string Name, double[] Values)[] measured)
    {
        var samples = new RoundSamples();
        foreach (var (name, values) in measured)
        {
            Array.ForEach(values, value => samples.Add(name, value));
        }

        return samples;
    }
}
