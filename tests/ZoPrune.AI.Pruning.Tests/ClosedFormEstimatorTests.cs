namespace ZoPrune.AI.Pruning.Tests;

public class ClosedFormEstimatorTests
{
    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(2, 3, 5, 7)]
    [InlineData(5, 17, 33, 9)]
    [InlineData(33, 20, 66, 31)]
    [InlineData(40, 16, 64, 48)]
    [InlineData(65, 48, 700, 30)]
    public void Is_the_Frobenius_norm_of_the_Jacobian(int tokens, int input, int hidden, int output)
    {
        var weights = Sample.Weights(input, hidden, output, ProjectorActivation.Silu, seed: hidden);
        var v = Sample.Matrix(tokens, input, seed: 9);
        var actual = Estimate(weights, v);
        for (var i = 0; i < tokens; i++)
        {
            var expected = JacobianNorm(weights, v.Row(i)) / Math.Sqrt(input);

            // Near zero the slopes are good to 3e-7, here times weights below one.
            Assert.Equal(expected, actual[i], Math.Max(2e-6 * expected, 2e-7));
        }
    }

    [Theory]
    [InlineData(ProjectorActivation.Gelu)]
    [InlineData(ProjectorActivation.GeluTanh)]
    [InlineData(ProjectorActivation.QuickGelu)]
    [InlineData(ProjectorActivation.Silu)]
    [InlineData(ProjectorActivation.Relu)]
    public void Ranks_like_the_zeroth_order_estimate_with_many_directions(ProjectorActivation activation)
    {
        var weights = Sample.Weights(24, 64, 32, activation);
        var tokens = new PrunableTokens { Embeddings = Sample.Matrix(120, 4, 1), ProjectorInput = Sample.Matrix(120, 24, seed: 5) };
        var options = new ZerothOrderOptions { Directions = 400, Seed = 11 };
        var zeroth = new ZerothOrderEstimator(new Projector(weights).Run, 24, 32, options)
            .Estimate(tokens, TestContext.Current.CancellationToken);
        var closed = new ClosedFormEstimator(weights).Estimate(tokens, TestContext.Current.CancellationToken);
        var spearman = RankAgreement.Spearman(zeroth, closed);
        Assert.True(spearman > 0.97, $"Spearman {spearman}");
    }

    [Fact]
    public void Equal_rows_get_equal_bits_wherever_they_lie()
    {
        var weights = Sample.Weights(20, 50, 12);
        var row = Sample.Gaussian(20, 4);
        var values = Sample.Gaussian(71 * 20, 5);
        int[] places = [0, 3, 31, 32, 50, 70];
        foreach (var place in places)
        {
            row.CopyTo(values, place * 20);
        }

        var actual = Estimate(weights, new TokenMatrix(values, 71, 20));
        Assert.All(places, place => Assert.Equal(actual[0], actual[place]));
    }

    [Fact]
    public void A_linear_projector_gives_the_same_for_every_token()
    {
        var actual = Estimate(Sample.Weights(20, 50, 12, ProjectorActivation.Identity), Sample.Matrix(71, 20, 8));
        Assert.Single(actual.Distinct());
        Assert.True(actual[0] > 0.1f);
    }

    [Fact]
    public void Large_inputs_on_several_threads_equal_small_ones()
    {
        var weights = Sample.Weights(32, 512, 16);
        var v = Sample.Matrix(100, 32, 8);
        var together = Estimate(weights, v);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(Estimate(weights, v.Slice(i, 1))[0], together[i]);
        }
    }

    [Fact]
    public void Biases_may_be_absent()
    {
        var weights = Sample.Weights(6, 10, 4, bias: false);
        var v = Sample.Matrix(5, 6, 8);
        var actual = Estimate(weights, v);
        Assert.All(Enumerable.Range(0, 5), i => Assert.Equal(JacobianNorm(weights, v.Row(i)) / Math.Sqrt(6), actual[i], 1e-6));
    }

    [Fact]
    public void Structural_rows_are_neither_read_nor_estimated()
    {
        var weights = Sample.Weights(6, 10, 4);
        var values = Sample.Gaussian(5 * 6, 8);
        values.AsSpan(2 * 6, 6).Fill(float.NaN);
        var tokens = new PrunableTokens
        {
            Embeddings = Sample.Matrix(5, 4, 1),
            ProjectorInput = new TokenMatrix(values, 5, 6),
            Structural = [2],
        };
        var actual = new ClosedFormEstimator(weights).Estimate(tokens, TestContext.Current.CancellationToken);
        Assert.Equal(0, actual[2]);
        Assert.Equal(Estimate(weights, tokens.ProjectorInput.Value.Slice(4, 1))[0], actual[4]);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Input_that_is_not_finite_names_tensor_and_row(float bad)
    {
        var weights = Sample.Weights(6, 10, 4);
        var input = Sample.Gaussian(5 * 6, 8);
        input[(3 * 6) + 5] = bad;
        var error = Assert.Throws<NonFiniteTokenException>(() => Estimate(weights, new TokenMatrix(input, 5, 6)));
        Assert.Equal(("projector inputs", 3), (error.Tensor, error.Row));
        Assert.Contains("row 3", error.Message, StringComparison.Ordinal);

        var pre = Sample.Gaussian(5 * 10, 8);
        pre[10] = bad;
        var tokens = new PrunableTokens { Embeddings = Sample.Matrix(5, 4, 1), PreActivation = new TokenMatrix(pre, 5, 10) };
        error = Assert.Throws<NonFiniteTokenException>(
            () => new ClosedFormEstimator(weights).Estimate(tokens, TestContext.Current.CancellationToken));
        Assert.Equal(("pre-activations", 1), (error.Tensor, error.Row));
    }

    [Fact]
    public void An_overflow_on_the_way_names_the_row()
    {
        var weights = Sample.Weights(6, 10, 4);
        var input = Sample.Gaussian(5 * 6, 8);
        input.AsSpan(4 * 6, 6).Fill(3e38f);
        var w1 = Enumerable.Repeat(2f, 60).ToArray();
        weights = new ProjectorWeights(w1, null, weights.W2, null, 6, 10, 4, ProjectorActivation.Gelu);
        var error = Assert.Throws<NonFiniteTokenException>(() => Estimate(weights, new TokenMatrix(input, 5, 6)));
        Assert.Equal(("pre-activations", 4), (error.Tensor, error.Row));
    }

    [Fact]
    public void Missing_or_misshapen_tensors_are_named()
    {
        var estimator = new ClosedFormEstimator(Sample.Weights(6, 10, 4));
        var nothing = new PrunableTokens { Embeddings = Sample.Matrix(5, 4, 1) };
        var narrow = new PrunableTokens { Embeddings = Sample.Matrix(5, 4, 1), ProjectorInput = Sample.Matrix(5, 7, 1) };
        var few = new PrunableTokens { Embeddings = Sample.Matrix(5, 4, 1), ProjectorInput = Sample.Matrix(4, 6, 1) };
        Assert.Contains("neither", Error(nothing), StringComparison.Ordinal);
        Assert.Contains("[5, 7]", Error(narrow), StringComparison.Ordinal);
        Assert.Contains("ProjectorInput has 4 rows", Error(few), StringComparison.Ordinal);

        string Error(PrunableTokens tokens) =>
            Assert.Throws<ArgumentException>(() => estimator.Estimate(tokens, TestContext.Current.CancellationToken)).Message;
    }

    [Theory]
    [InlineData(8)]
    [InlineData(512)]
    public void Cancellation_is_honoured(int hidden)
    {
        var tokens = new PrunableTokens { Embeddings = Sample.Matrix(64, 4, 1), ProjectorInput = Sample.Matrix(64, 16, 1) };
        var estimator = new ClosedFormEstimator(Sample.Weights(16, hidden, 4));
        Assert.ThrowsAny<OperationCanceledException>(() => estimator.Estimate(tokens, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Concurrent_first_calls_agree()
    {
        var weights = Sample.Weights(16, 128, 16);
        var v = Sample.Matrix(40, 16, 2);
        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Estimate(weights, v))));
        Assert.All(all, one => Assert.Equal(all[0], one));
    }

    [Fact]
    public void Weights_of_the_wrong_size_or_not_finite_are_named()
    {
        var (w1, w2) = (new float[60], new float[40]);
        Assert.Contains("w1", Error(new float[59], null, w2), StringComparison.Ordinal);
        Assert.Contains("[4, 10]", Error(w1, null, new float[41]), StringComparison.Ordinal);
        Assert.Contains("b1", Error(w1, new float[11], w2), StringComparison.Ordinal);
        Assert.Contains("NaN", Error(w1, [.. Enumerable.Repeat(float.NaN, 10)], w2), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProjectorWeights(w1, null, w2, null, 6, 10, 4, (ProjectorActivation)99));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProjectorWeights(w1, null, w2, null, 0, 10, 4, ProjectorActivation.Gelu));

        static string Error(float[] w1, float[]? b1, float[] w2) => Assert.Throws<ArgumentException>(() => new ProjectorWeights(
            w1, b1, w2, null, 6, 10, 4, ProjectorActivation.Gelu)).Message;
    }

    private static float[] Estimate(ProjectorWeights weights, TokenMatrix input) => new ClosedFormEstimator(weights, ClosedFormArithmetic.Exact).Estimate(
        new PrunableTokens { Embeddings = new TokenMatrix(new float[input.Rows], input.Rows, 1), ProjectorInput = input },
        TestContext.Current.CancellationToken);

    /// <summary>‖W2 diag(σ'(W1 v + b1)) W1‖ by its definition, in double.</summary>
    private static double JacobianNorm(ProjectorWeights weights, ReadOnlySpan<float> v)
    {
        var (w1, w2) = (weights.W1.ToArray(), weights.W2.ToArray());
        var slope = new double[weights.HiddenWidth];
        for (var h = 0; h < slope.Length; h++)
        {
            double x = weights.B1?.Span[h] ?? 0;
            for (var k = 0; k < v.Length; k++)
            {
                x += (double)w1[(h * v.Length) + k] * v[k];
            }

            slope[h] = Activations.CentralDifference(weights.Activation, x);
        }

        var square = 0.0;
        for (var o = 0; o < weights.OutputWidth; o++)
        {
            for (var k = 0; k < weights.InputWidth; k++)
            {
                var entry = 0.0;
                for (var h = 0; h < slope.Length; h++)
                {
                    entry += w2[(o * slope.Length) + h] * slope[h] * w1[(h * weights.InputWidth) + k];
                }

                square += entry * entry;
            }
        }

        return Math.Sqrt(square);
    }
}
