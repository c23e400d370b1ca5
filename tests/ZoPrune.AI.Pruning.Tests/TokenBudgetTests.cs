namespace ZoPrune.AI.Pruning.Tests;

public class TokenBudgetTests
{
    [Theory]
    [InlineData(0.5, 5, 2)]
    [InlineData(0.5, 7, 4)]
    [InlineData(0.25, 10, 2)]
    [InlineData(0.25, 6, 2)]
    [InlineData(1.0 / 3, 256, 85)]
    [InlineData(1, 256, 256)]
    [InlineData(0.001, 256, 1)]
    [InlineData(0.5, 0, 0)]
    public void Ratios_are_rounded_half_to_even_and_keep_at_least_one(double ratio, int tokens, int expected) =>
        Assert.Equal(expected, new TokenBudget { KeepRatio = ratio }.Resolve(tokens));

    [Fact]
    public void Counts_are_bounded_by_the_tokens()
    {
        Assert.Equal(64, new TokenBudget { Count = 64 }.Resolve(256));
        Assert.Equal(10, new TokenBudget { Count = 64 }.Resolve(10));
        Assert.Equal(0, new TokenBudget { Count = 64 }.Resolve(0));
    }

    [Fact]
    public void Minimum_and_maximum_bound_what_is_asked_for()
    {
        Assert.Equal(32, new TokenBudget { KeepRatio = 0.1, Minimum = 32 }.Resolve(256));
        Assert.Equal(20, new TokenBudget { KeepRatio = 0.1, Minimum = 32 }.Resolve(20));
        Assert.Equal(100, new TokenBudget { KeepRatio = 0.9, Maximum = 100 }.Resolve(256));
        Assert.Equal(100, new TokenBudget { Count = 200, Maximum = 100 }.Resolve(256));
        Assert.Equal(0, new TokenBudget { KeepRatio = 0.001, Minimum = 0 }.Resolve(256));
    }

    [Fact]
    public void Without_ratio_and_count_all_tokens_up_to_the_maximum_stay()
    {
        Assert.Equal(256, new TokenBudget().Resolve(256));
        Assert.Equal(100, new TokenBudget { Maximum = 100 }.Resolve(256));
    }

    [Theory]
    [InlineData(640, new[] { 576, 576, 576, 576, 576 }, new[] { 128, 128, 128, 128, 128 })]
    [InlineData(10, new[] { 9, 9, 9, 9 }, new[] { 3, 3, 2, 2 })]
    [InlineData(12, new[] { 9, 1, 9 }, new[] { 6, 1, 5 })]
    [InlineData(12, new[] { 2, 0, 3 }, new[] { 2, 0, 3 })]
    [InlineData(2, new[] { 9, 9, 9 }, new[] { 1, 1, 0 })]
    public void Crops_get_equal_quotas_that_add_up(int count, int[] crops, int[] expected) =>
        Assert.Equal(expected, new TokenBudget { Count = count, PerCrop = true }.ResolveCrops(crops));

    [Fact]
    public void No_crops_need_no_quotas() => Assert.Empty(new TokenBudget { KeepRatio = 0.5 }.ResolveCrops([]));

    [Fact]
    public void Numbers_out_of_range_are_refused_by_name()
    {
        Assert.Equal("KeepRatio", Refused(new TokenBudget { KeepRatio = 0 }));
        Assert.Equal("KeepRatio", Refused(new TokenBudget { KeepRatio = 1.01 }));
        Assert.Equal("KeepRatio", Refused(new TokenBudget { KeepRatio = double.NaN }));
        Assert.Equal("Count", Refused(new TokenBudget { Count = 0 }));
        Assert.Equal("Minimum", Refused(new TokenBudget { Minimum = -1 }));
        Assert.Equal("Maximum", Refused(new TokenBudget { Maximum = 0, Minimum = 0 }));
        Assert.Equal("Maximum", Refused(new TokenBudget { Maximum = 3, Minimum = 4 }));
        Assert.Contains("not both", Assert.Throws<ArgumentException>(
            () => new TokenBudget { KeepRatio = 0.5, Count = 3 }.Resolve(9)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenBudget().Resolve(-1));

        static string? Refused(TokenBudget budget)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new TokenPruner(null, new SadsSelector(), budget));
            return Assert.Throws<ArgumentOutOfRangeException>(() => budget.Resolve(9)).ParamName;
        }
    }
}
