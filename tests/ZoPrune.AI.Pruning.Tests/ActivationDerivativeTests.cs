namespace ZoPrune.AI.Pruning.Tests;

public class ActivationDerivativeTests
{
    [Theory]
    [InlineData(ProjectorActivation.Identity)]
    [InlineData(ProjectorActivation.Relu)]
    [InlineData(ProjectorActivation.Gelu)]
    [InlineData(ProjectorActivation.GeluTanh)]
    [InlineData(ProjectorActivation.QuickGelu)]
    [InlineData(ProjectorActivation.Silu)]
    public void Derivatives_equal_central_differences(ProjectorActivation activation)
    {
        // An odd number of points, none at the kink of ReLU: vectors and their rest are both used.
        var points = Enumerable.Range(-6000, 12_001).Select(i => (i + 0.25f) / 600f).ToArray();
        var actual = points.ToArray();
        ActivationDerivative.Apply(activation, actual);
        for (var i = 0; i < points.Length; i++)
        {
            var expected = Activations.CentralDifference(activation, points[i]);
            Assert.True(Math.Abs(actual[i] - expected) < 3e-7, $"At {points[i]}: {actual[i]} instead of {expected}.");
        }
    }

    [Theory]
    [InlineData(ProjectorActivation.Identity, 1f, 1f)]
    [InlineData(ProjectorActivation.Relu, 0f, 1f)]
    [InlineData(ProjectorActivation.Gelu, 0f, 1f)]
    [InlineData(ProjectorActivation.GeluTanh, 0f, 1f)]
    [InlineData(ProjectorActivation.QuickGelu, 0f, 1f)]
    [InlineData(ProjectorActivation.Silu, 0f, 1f)]
    public void Far_out_derivatives_are_the_limits(ProjectorActivation activation, float left, float right)
    {
        float[] values = [-3e38f, -1e20f, -200f, 200f, 1e20f, 3e38f];
        ActivationDerivative.Apply(activation, values);
        Assert.All(values[..3], v => Assert.Equal(left, v, 1e-7f));
        Assert.All(values[3..], v => Assert.Equal(right, v, 1e-7f));
    }

    [Fact]
    public void Relu_has_slope_zero_at_zero()
    {
        float[] values = [0f, -0f, float.Epsilon];
        ActivationDerivative.Apply(ProjectorActivation.Relu, values);
        Assert.Equal([0f, 0f, 1f], values);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(39)]
    public void What_is_not_finite_is_noticed_wherever_it_lies(int place)
    {
        foreach (var activation in Enum.GetValues<ProjectorActivation>())
        {
            Assert.All((float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity], bad => Assert.False(Apply(activation, bad)));
            Assert.All((float[])[0, float.MaxValue, float.MinValue, float.Epsilon], good => Assert.True(Apply(activation, good)));
        }

        bool Apply(ProjectorActivation activation, float value)
        {
            var values = Sample.Gaussian(40, 1);
            values[place] = value;
            return ActivationDerivative.Apply(activation, values);
        }
    }
}
