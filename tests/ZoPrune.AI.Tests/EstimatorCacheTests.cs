using ZoPrune.AI.Configuration;
using ZoPrune.AI.Generation;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Tests;

public class EstimatorCacheTests
{
    [Fact]
    public void A_projector_that_cannot_be_read_is_tried_once_and_run_from_then_on()
    {
        var asked = new List<SensitivityMethod>();
        var cache = new EstimatorCache((method, options) =>
        {
            asked.Add(method);
            return method == SensitivityMethod.ZerothOrder
                ? new ZerothOrderEstimator((_, _, output) => output.Clear(), 4, 4, options)
                : throw new NotSupportedException("The weights are quantised.");
        });

        var estimator = cache.Get(Settings(SensitivityEstimation.Auto));
        Assert.IsType<ZerothOrderEstimator>(estimator);
        Assert.Same(estimator, cache.Get(Settings(SensitivityEstimation.Auto)));
        Assert.Same(estimator, cache.Get(Settings(SensitivityEstimation.ZerothOrder)));
        for (var i = 0; i < 2; i++)
        {
            var error = Assert.Throws<NotSupportedException>(() => cache.Get(Settings(SensitivityEstimation.ClosedForm)));
            Assert.Equal("The weights are quantised.", error.Message);
        }

        Assert.Equal([SensitivityMethod.ClosedForm, SensitivityMethod.ZerothOrder], asked);
    }

    [Theory]
    [InlineData(ClosedFormArithmetic.EightBit)]
    [InlineData(ClosedFormArithmetic.Exact)]
    public void The_exact_closed_form_is_an_estimator_of_its_own_only_where_the_other_is_not_exact(ClosedFormArithmetic usual)
    {
        var weights = new ProjectorWeights(new float[8], null, new float[8], null, 2, 4, 2, ProjectorActivation.Gelu);
        var asked = new List<SensitivityMethod>();
        var cache = new EstimatorCache((method, _) =>
        {
            asked.Add(method);
            return new ClosedFormEstimator(weights, method == SensitivityMethod.ExactClosedForm ? ClosedFormArithmetic.Exact : usual);
        });

        var closed = Assert.IsType<ClosedFormEstimator>(cache.Get(Settings(SensitivityEstimation.ClosedForm)));
        var exact = Assert.IsType<ClosedFormEstimator>(cache.Get(Settings(SensitivityEstimation.ExactClosedForm)));

        Assert.Equal((usual, ClosedFormArithmetic.Exact), (closed.Arithmetic, exact.Arithmetic));
        Assert.Equal(usual == ClosedFormArithmetic.Exact, ReferenceEquals(closed, exact));
        Assert.Same(exact, cache.Get(Settings(SensitivityEstimation.ExactClosedForm)));
        Assert.Equal(usual == ClosedFormArithmetic.Exact ? 1 : 2, asked.Count);
    }

    [Fact]
    public void Where_there_is_nothing_to_estimate_no_other_method_is_tried()
    {
        var asked = new List<SensitivityMethod>();
        var cache = new EstimatorCache((method, _) =>
        {
            asked.Add(method);
            return null;
        });
        Assert.Null(cache.Get(Settings(SensitivityEstimation.Auto)));
        Assert.Null(cache.Get(Settings(SensitivityEstimation.ClosedForm)));
        Assert.Equal([SensitivityMethod.ClosedForm], asked);
    }

    private static EstimatorSettings Settings(SensitivityEstimation estimation) => new(estimation, Directions: 2, Step: 0.01f, Seed: 0);
}
