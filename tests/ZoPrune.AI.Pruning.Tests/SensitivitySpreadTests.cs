namespace ZoPrune.AI.Pruning.Tests;

public class SensitivitySpreadTests
{
    [Theory]
    [InlineData(new float[0], 0, true)]
    [InlineData(new[] { 3f }, 0, true)]
    [InlineData(new[] { 0f, 0f, 0f }, 0, true)]
    [InlineData(new[] { 1f, 1.00005f }, 5e-5, true)]
    [InlineData(new[] { 1f, 1.0005f }, 4.9971e-4, false)]
    [InlineData(new[] { 1e-20f, 2e-20f }, 0.5, false)]
    [InlineData(new[] { 0f, 1e-30f }, 1, false)]
    public void Spread_is_relative_to_the_largest(float[] values, double spread, bool constant)
    {
        Assert.Equal(spread, SensitivitySpread.Relative(values), 1e-7);
        Assert.Equal(constant, SensitivitySpread.IsConstant(values));
    }
}
