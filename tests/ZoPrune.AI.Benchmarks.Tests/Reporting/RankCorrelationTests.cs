using ZoPrune.AI.Benchmarks.Reporting;

namespace ZoPrune.AI.Benchmarks.Tests.Reporting;

public sealed class RankCorrelationTests
{
    [Theory]
    [InlineData(new[] { 1f, 2, 3 }, new[] { 10f, 200, 3000 }, 1)]
    [InlineData(new[] { 1f, 2, 3 }, new[] { 3f, 2, 1 }, -1)]
    // 1 - 6 (1 + 1 + 0 + 0) / (4 (16 - 1))
    [InlineData(new[] { 1f, 2, 3, 4 }, new[] { 2f, 1, 3, 4 }, 0.8)]
    // Ranks 0, 1.5, 1.5, 3 against 0, 1, 2, 3: 4.5 / sqrt(4.5 * 5)
    [InlineData(new[] { 1f, 2, 2, 3 }, new[] { 1f, 2, 3, 4 }, 0.948683298)]
    public void Orders_are_compared(float[] a, float[] b, double expected) =>
        Assert.Equal(expected, RankCorrelation.Spearman(a, b), 8);

    [Fact]
    public void Lists_of_different_lengths_are_refused() =>
        Assert.Throws<ArgumentException>(() => RankCorrelation.Spearman([1, 2], [1, 2, 3]));
}
