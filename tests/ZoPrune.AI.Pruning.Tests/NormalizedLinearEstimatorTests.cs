namespace ZoPrune.AI.Pruning.Tests;

public class NormalizedLinearEstimatorTests
{
    [Theory]
    [InlineData(NormalizationKind.RmsNorm, 1, true)]
    [InlineData(NormalizationKind.RmsNorm, 4, false)]
    [InlineData(NormalizationKind.LayerNorm, 1, false)]
    [InlineData(NormalizationKind.LayerNorm, 4, true)]
    public void The_closed_form_is_the_norm_of_the_jacobian(NormalizationKind kind, int blocks, bool hasGain)
    {
        // Central differences of the map in double arithmetic: exact to about 1e-9.
        const int Width = 13, Outputs = 7, Rows = 21;
        const float Epsilon = 0.05f;
        var random = new Random(11);
        var matrix = Numbers(random, Outputs * blocks * Width);
        var gain = hasGain ? Numbers(random, Width) : null;
        var input = Numbers(random, Rows * blocks * Width);
        for (var row = 0; row < Rows; row++)
        {
            for (var i = 0; i < blocks * Width; i++)
            {
                input[(row * blocks * Width) + i] = (input[(row * blocks * Width) + i] * (0.1f + row)) + 0.3f;
            }
        }

        var estimator = new NormalizedLinearEstimator(new NormalizedLinearWeights(matrix, gain, Width, blocks, Outputs, kind, Epsilon));

        var sensitivities = estimator.Estimate(Tokens(input, Rows), TestContext.Current.CancellationToken);

        for (var row = 0; row < Rows; row++)
        {
            var x = input.AsSpan(row * blocks * Width, blocks * Width).ToArray().Select(v => (double)v).ToArray();
            double square = 0;
            for (var i = 0; i < x.Length; i++)
            {
                const double Step = 1e-5;
                var (plus, minus) = ((double[])x.Clone(), (double[])x.Clone());
                plus[i] += Step;
                minus[i] -= Step;
                square += Map(plus).Zip(Map(minus), (a, b) => Math.Pow((a - b) / (2 * Step), 2)).Sum();
            }

            var expected = Math.Sqrt(square / x.Length);
            Assert.InRange(Math.Abs(sensitivities[row] - expected) / expected, 0, 1e-5);
        }

        double[] Map(double[] x)
        {
            var normalized = new double[x.Length];
            for (var block = 0; block < blocks; block++)
            {
                var part = x.AsSpan(block * Width, Width).ToArray();
                var mean = kind == NormalizationKind.LayerNorm ? part.Average() : 0;
                var root = Math.Sqrt(part.Average(v => (v - mean) * (v - mean)) + Epsilon);
                for (var i = 0; i < Width; i++)
                {
                    normalized[(block * Width) + i] = (part[i] - mean) / root * (gain?[i] ?? 1);
                }
            }

            return [.. Enumerable.Range(0, Outputs).Select(o => normalized.Select((n, i) => n * matrix[(o * x.Length) + i]).Sum())];
        }
    }

    [Fact]
    public void A_row_along_one_direction_is_less_sensitive_when_it_is_longer()
    {
        var weights = new NormalizedLinearWeights(new float[] { 1, 2, 3, 4, 5, 6 }, null, 3, 1, 2, NormalizationKind.RmsNorm, 1e-6f);

        var s = new NormalizedLinearEstimator(weights).Estimate(Tokens([1, 1, 2, 10, 10, 20], 2), TestContext.Current.CancellationToken);

        Assert.Equal(10, s[0] / s[1], 1e-3);
    }

    [Fact]
    public void Structural_rows_are_not_looked_at_and_bad_rows_are_named()
    {
        var weights = new NormalizedLinearWeights(new float[] { 1, 2, 3, 4 }, null, 2, 1, 2, NormalizationKind.LayerNorm, 1e-6f);
        var estimator = new NormalizedLinearEstimator(weights);
        var input = new float[] { 1, 2, float.NaN, 0, 3, 5 };

        Assert.Equal(0, estimator.Estimate(Tokens(input, 3, [1]), TestContext.Current.CancellationToken)[1]);
        Assert.Equal(1, Assert.Throws<NonFiniteTokenException>(() => estimator.Estimate(Tokens(input, 3), TestContext.Current.CancellationToken)).Row);
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_named()
    {
        Assert.Throws<ArgumentException>(() => new NormalizedLinearWeights(new float[5], null, 3, 1, 2, NormalizationKind.RmsNorm, 0));
        Assert.Throws<ArgumentException>(() => new NormalizedLinearWeights(new float[6], new float[2], 3, 1, 2, NormalizationKind.RmsNorm, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new NormalizedLinearWeights(new float[6], null, 3, 1, 2, NormalizationKind.RmsNorm, float.NaN));
        var estimator = new NormalizedLinearEstimator(new NormalizedLinearWeights(new float[6], null, 3, 1, 2, NormalizationKind.RmsNorm, 0));
        var error = Assert.Throws<ArgumentException>(() => estimator.Estimate(Tokens(new float[8], 2), TestContext.Current.CancellationToken));
        Assert.Contains("[2, 4]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => estimator.Estimate(
            new PrunableTokens { Embeddings = new TokenMatrix(new float[2], 2, 1) }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Pre_activations_without_the_bias_give_the_same_closed_form()
    {
        var random = new Random(4);
        var (w1, b1, w2) = (Numbers(random, 5 * 3), Numbers(random, 5), Numbers(random, 4 * 5));
        var v = Numbers(random, 6 * 3);
        var without = new float[6 * 5];
        for (var i = 0; i < without.Length; i++)
        {
            without[i] = Enumerable.Range(0, 3).Sum(k => v[(i / 5 * 3) + k] * w1[(i % 5 * 3) + k]);
        }

        var whole = new ProjectorWeights(w1, b1, w2, null, 3, 5, 4, ProjectorActivation.Gelu);
        var fused = new ProjectorWeights(w1, b1, w2, null, 3, 5, 4, ProjectorActivation.Gelu) { PreActivationsLackBias = true };
        var z = new TokenMatrix(new float[6], 6, 1);
        var expected = new ClosedFormEstimator(whole).Estimate(
            new PrunableTokens { Embeddings = z, ProjectorInput = new TokenMatrix(v, 6, 3) }, TestContext.Current.CancellationToken);

        var actual = new ClosedFormEstimator(fused).Estimate(
            new PrunableTokens { Embeddings = z, PreActivation = new TokenMatrix(without, 6, 5) }, TestContext.Current.CancellationToken);

        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    private static PrunableTokens Tokens(float[] input, int rows, int[]? structural = null) => new()
    {
        Embeddings = new TokenMatrix(new float[rows], rows, 1),
        NormalizationInput = new TokenMatrix(input, rows, input.Length / rows),
        Structural = structural ?? [],
    };

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
}
