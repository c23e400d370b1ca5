namespace ZoPrune.AI.Pruning.Tests;

public class ZerothOrderEstimatorTests
{
    private static readonly ProjectorWeights Mlp = Sample.Weights(8, 16, 8);

    [Fact]
    public void The_same_seed_gives_the_same_bits_and_another_seed_others()
    {
        Assert.Equal(Estimate(new ZerothOrderOptions { Seed = 5 }), Estimate(new ZerothOrderOptions { Seed = 5 }));
        Assert.NotEqual(Estimate(new ZerothOrderOptions { Seed = 5 }), Estimate(new ZerothOrderOptions { Seed = 6 }));
    }

    [Fact]
    public void Directions_are_those_of_an_independent_implementation()
    {
        // With step one, around zero, the perturbed rows are the directions themselves.
        float[][] expected =
        [
            [0.8019244457682237f, -0.1432502602089672f, -0.5799970226039012f],
            [-0.3598354455595312f, -0.7170114430938102f, 0.5970033857454291f],
        ];
        var seen = new List<float[]>();
        var estimator = new ZerothOrderEstimator(
            (input, rows, output) =>
            {
                seen.Add(input[..3].ToArray());
                output.Clear();
            },
            3,
            1,
            new ZerothOrderOptions { Directions = 2, Step = 1, MaxBatchRows = 2 });
        var tokens = new PrunableTokens { Embeddings = Sample.Matrix(1, 1, 1), ProjectorInput = new TokenMatrix(new float[3], 1, 3) };
        estimator.Estimate(tokens, TestContext.Current.CancellationToken);
        Assert.Equal(expected, seen);
    }

    [Fact]
    public void Directions_have_length_one()
    {
        var seen = new List<double>();
        var estimator = new ZerothOrderEstimator(
            (input, rows, output) =>
            {
                seen.Add(Math.Sqrt(input[..100].ToArray().Sum(x => (double)x * x)));
                output.Clear();
            },
            100,
            1,
            new ZerothOrderOptions { Step = 1, MaxBatchRows = 2 });
        var tokens = new PrunableTokens { Embeddings = Sample.Matrix(1, 1, 1), ProjectorInput = new TokenMatrix(new float[100], 1, 100) };
        estimator.Estimate(tokens, TestContext.Current.CancellationToken);
        Assert.Equal(64, seen.Count);
        Assert.All(seen, length => Assert.Equal(1, length, 1e-6));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1_000_000)]
    public void Batches_stay_within_the_bound_and_do_not_change_the_result(int maxRows)
    {
        var projector = new Projector(Mlp);
        var options = new ZerothOrderOptions { Directions = 9, MaxBatchRows = maxRows };
        var estimator = new ZerothOrderEstimator(projector.Run, 8, 8, options);
        var actual = estimator.Estimate(Sample.Tokens(13), TestContext.Current.CancellationToken);
        Assert.Equal(Estimate(new ZerothOrderOptions { Directions = 9 }), actual);
        Assert.True(projector.Batches.Max() <= maxRows);
        Assert.Equal(2 * 13 * 9, projector.Batches.Sum());
    }

    [Fact]
    public void Cancellation_is_honoured_between_batches()
    {
        using var source = new CancellationTokenSource();
        var projector = new Projector(Mlp);
        var estimator = new ZerothOrderEstimator(
            (input, rows, output) =>
            {
                projector.Run(input, rows, output);
                if (projector.Batches.Count == 3)
                {
                    source.Cancel();
                }
            },
            8,
            8,
            new ZerothOrderOptions { MaxBatchRows = 4 });
        Assert.ThrowsAny<OperationCanceledException>(() => estimator.Estimate(Sample.Tokens(13), source.Token));
        Assert.Equal(3, projector.Batches.Count);
    }

    [Fact]
    public void Structural_rows_cost_nothing_and_are_not_read()
    {
        var values = Sample.Gaussian(13 * 8, 4);
        values[(5 * 8) + 1] = float.NaN;
        var tokens = new PrunableTokens
        {
            Embeddings = Sample.Matrix(13, 8, 3),
            ProjectorInput = new TokenMatrix(values, 13, 8),
            Structural = [5, 12],
        };
        var projector = new Projector(Mlp);
        var actual = new ZerothOrderEstimator(projector.Run, 8, 8).Estimate(tokens, TestContext.Current.CancellationToken);
        Assert.Equal(2 * 11 * 64, projector.Batches.Sum());
        Assert.Equal([5, 12], actual.Index().Where(p => p.Item == 0).Select(p => p.Index));
        Assert.Equal(Estimate(new ZerothOrderOptions())[0], actual[0]);
    }

    [Theory]
    [InlineData(1, 0.01f)]
    [InlineData(30, 0.01f)]
    [InlineData(1, 0.0005f)]
    public void A_linear_projector_is_constant_however_loud_its_rounding(double scale, float step)
    {
        Assert.Single(Estimate(ProjectorActivation.Identity, scale, step).Distinct());
        Assert.True(SensitivitySpread.Relative(Estimate(ProjectorActivation.Gelu, scale, step)) > 0.1);

        static float[] Estimate(ProjectorActivation activation, double scale, float step)
        {
            var tokens = new PrunableTokens
            {
                Embeddings = Sample.Matrix(100, 4, 1),
                ProjectorInput = Sample.Matrix(100, 64, seed: 5, scale),
            };
            return new ZerothOrderEstimator(
                    new Projector(Sample.Weights(64, 64, 64, activation)).Run, 64, 64, new ZerothOrderOptions { Step = step })
                .Estimate(tokens, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Outputs_that_are_not_finite_name_the_row()
    {
        var estimator = new ZerothOrderEstimator(
            (input, rows, output) =>
            {
                output.Clear();
                output[^1] = float.NaN;
            },
            8,
            8,
            new ZerothOrderOptions { MaxBatchRows = 26, Directions = 3 });
        var error = Assert.Throws<NonFiniteTokenException>(
            () => estimator.Estimate(Sample.Tokens(13), TestContext.Current.CancellationToken));
        Assert.Equal(("projector outputs", 12), (error.Tensor, error.Row));
    }

    [Fact]
    public void Missing_or_misshapen_tensors_are_named()
    {
        var estimator = new ZerothOrderEstimator(new Projector(Mlp).Run, 8, 8);
        var nothing = new PrunableTokens { Embeddings = Sample.Matrix(5, 4, 1) };
        var narrow = new PrunableTokens { Embeddings = Sample.Matrix(5, 4, 1), ProjectorInput = Sample.Matrix(5, 7, 1) };
        Assert.Contains("inputs", Error(nothing), StringComparison.Ordinal);
        Assert.Contains("[5, 7]", Error(narrow), StringComparison.Ordinal);

        string Error(PrunableTokens tokens) =>
            Assert.Throws<ArgumentException>(() => estimator.Estimate(tokens, TestContext.Current.CancellationToken)).Message;
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(new ZerothOrderOptions { Directions = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(new ZerothOrderOptions { Step = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(new ZerothOrderOptions { Step = float.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Create(new ZerothOrderOptions { MaxBatchRows = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ZerothOrderEstimator((_, _, _) => { }, 0, 8));
        Assert.Throws<ArgumentException>(
            () => ZerothOrderEstimator.WithDirections((_, _, _) => { }, new TokenMatrix(default, 0, 8), 8));

        static ZerothOrderEstimator Create(ZerothOrderOptions options) => new((_, _, _) => { }, 8, 8, options);
    }

    private static float[] Estimate(ZerothOrderOptions options) =>
        new ZerothOrderEstimator(new Projector(Mlp).Run, 8, 8, options).Estimate(Sample.Tokens(13), TestContext.Current.CancellationToken);
}
