namespace ZoPrune.AI.Pruning.Tests;

/// <summary>The closed form in eight bits, against the exact one.</summary>
public class EightBitClosedFormTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 7)]
    [InlineData(16, 1)]
    [InlineData(15, 6)]
    [InlineData(17, 25)]
    [InlineData(31, 23)]
    [InlineData(32, 4)]
    [InlineData(33, 24)]
    [InlineData(48, 5)]
    [InlineData(65, 24)]
    [InlineData(100, 49)]
    public void Nothing_is_lost_where_eight_bits_suffice(int hidden, int tokens)
    {
        // Slopes of ReLU are 0 or 1, and one input with weights of ±1 makes all entries of M 1 or -1: eight bits hold both.
        var w1 = Signs(hidden, 1);
        var w2 = Signs(hidden, 2);
        var weights = new ProjectorWeights(w1, null, w2, null, 1, hidden, 1, ProjectorActivation.Relu);
        var pre = Sample.Matrix(tokens, hidden, 3);
        var actual = Estimate(weights, pre, ClosedFormArithmetic.EightBit);
        for (var i = 0; i < tokens; i++)
        {
            // The Jacobian is the number Σ w2 g w1.
            var row = pre.Row(i).ToArray();
            var expected = Math.Abs(Enumerable.Range(0, hidden).Where(j => row[j] > 0).Sum(j => w1[j] * w2[j]));
            Assert.Equal(expected * expected, actual[i] * (double)actual[i], 0.02);
        }
    }

    [Theory]
    [InlineData(ProjectorActivation.Relu)]
    [InlineData(ProjectorActivation.Gelu)]
    [InlineData(ProjectorActivation.GeluTanh)]
    [InlineData(ProjectorActivation.QuickGelu)]
    [InlineData(ProjectorActivation.Silu)]
    public void Saturated_slopes_are_exact(ProjectorActivation activation)
    {
        // All units do the same: the Jacobian is the number of those that are on, and everything else has to cancel.
        const int Hidden = 512;
        float[] ones = [.. Enumerable.Repeat(1f, Hidden)];
        var weights = new ProjectorWeights(ones, null, ones, null, 1, Hidden, 1, activation);
        int[] on = [0, 1, 2, 7, 50, 300, 512];
        var pre = on.SelectMany(count => Enumerable.Range(0, Hidden).Select(unit => unit < count ? 25f : -25f)).ToArray();
        var actual = Estimate(weights, new TokenMatrix(pre, on.Length, Hidden), ClosedFormArithmetic.EightBit);

        // What is left is the rounding of float32 beside terms of 512² / 4.
        Assert.All(on.Zip(actual), pair => Assert.Equal((double)pair.First * pair.First, pair.Second * (double)pair.Second, 0.1));
    }

    [Theory]
    [InlineData(ProjectorActivation.Relu)]
    [InlineData(ProjectorActivation.Gelu)]
    [InlineData(ProjectorActivation.GeluTanh)]
    [InlineData(ProjectorActivation.QuickGelu)]
    [InlineData(ProjectorActivation.Silu)]
    public void Ranks_and_keeps_as_the_exact_form_does(ProjectorActivation activation)
    {
        var weights = Sample.Weights(96, 384, 128, activation);
        var tokens = Tokens(Sample.Matrix(300, 384, 7), Sample.Matrix(300, 128, 8));
        RequireAlike(weights, tokens, error: 1e-3);
    }

    [Fact]
    public void Ranks_and_keeps_as_the_exact_form_does_where_hidden_units_go_together()
    {
        // A few directions hold most of the weights, as training leaves them: M is far from diagonal, and its rows have outliers.
        const int Input = 64, Hidden = 320, Output = 96;
        var directions = Sample.Gaussian(4 * Input, 1);
        var w1 = Sample.Gaussian(Hidden * Input, 2, 0.3 / Math.Sqrt(Input));
        var strengths = Sample.Gaussian(Hidden * 4, 3);
        for (var unit = 0; unit < Hidden; unit++)
        {
            for (var k = 0; k < Input; k++)
            {
                for (var d = 0; d < 4; d++)
                {
                    var strength = strengths[(unit * 4) + d];
                    w1[(unit * Input) + k] += strength * strength * directions[(d * Input) + k] / (4 * MathF.Sqrt(Input));
                }
            }
        }

        var weights = new ProjectorWeights(
            w1, Sample.Gaussian(Hidden, 4, 0.5), Sample.Gaussian(Output * Hidden, 5), null, Input, Hidden, Output, ProjectorActivation.Gelu);
        var tokens = new PrunableTokens { Embeddings = Sample.Matrix(300, 96, 8), ProjectorInput = Sample.Matrix(300, Input, 6) };
        RequireAlike(weights, tokens, error: 1e-2);
    }

    [Fact]
    public void A_token_counts_alone_wherever_it_lies()
    {
        var weights = Sample.Weights(32, 512, 16);
        var v = Sample.Matrix(100, 512, 8);
        var together = Estimate(weights, v, ClosedFormArithmetic.EightBit);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(Estimate(weights, v.Slice(i, 1), ClosedFormArithmetic.EightBit)[0], together[i]);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Input_that_is_not_finite_names_tensor_and_row(float bad)
    {
        var values = Sample.Gaussian(30 * 40, 8);
        values[(26 * 40) + 39] = bad;
        var error = Assert.Throws<NonFiniteTokenException>(
            () => Estimate(Sample.Weights(6, 40, 4), new TokenMatrix(values, 30, 40), ClosedFormArithmetic.EightBit));
        Assert.Equal(("pre-activations", 26), (error.Tensor, error.Row));
    }

    [Fact]
    public void A_linear_projector_gives_the_same_for_every_token()
    {
        var weights = Sample.Weights(20, 50, 12, ProjectorActivation.Identity);
        var pre = Sample.Matrix(71, 50, 8);
        var actual = Estimate(weights, pre, ClosedFormArithmetic.EightBit);
        Assert.Single(actual.Distinct());
        Assert.Equal(Estimate(weights, pre, ClosedFormArithmetic.Exact)[0], actual[0], 1e-3 * actual[0]);
    }

    [Theory]
    [InlineData(64, ClosedFormArithmetic.Auto, false)]
    [InlineData(512, ClosedFormArithmetic.Auto, true)]
    [InlineData(512, ClosedFormArithmetic.Exact, false)]
    [InlineData(64, ClosedFormArithmetic.EightBit, true)]
    public void The_estimator_says_what_it_computes_in(int hidden, ClosedFormArithmetic asked, bool isEightBit)
    {
        var estimator = new ClosedFormEstimator(Sample.Weights(4, hidden, 4), asked);
        isEightBit &= asked != ClosedFormArithmetic.Auto || ByteProduct.IsFast;
        Assert.Equal(isEightBit ? ClosedFormArithmetic.EightBit : ClosedFormArithmetic.Exact, estimator.Arithmetic);
        Assert.Equal(isEightBit ? "closed-form-8-bit" : "closed-form", estimator.Name);
    }

    [Fact]
    public void An_unknown_arithmetic_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ClosedFormEstimator(Sample.Weights(4, 8, 4), (ClosedFormArithmetic)3));

    private static void RequireAlike(ProjectorWeights weights, PrunableTokens tokens, double error)
    {
        var exact = new ClosedFormEstimator(weights, ClosedFormArithmetic.Exact).Estimate(tokens, TestContext.Current.CancellationToken);
        var rounded = new ClosedFormEstimator(weights, ClosedFormArithmetic.EightBit).Estimate(tokens, TestContext.Current.CancellationToken);
        Assert.NotEqual(exact, rounded);
        Assert.All(exact.Zip(rounded), pair => Assert.Equal(pair.First, pair.Second, error * pair.First));
        var spearman = RankAgreement.Spearman(exact, rounded);
        Assert.True(spearman >= 0.9995, $"Spearman {spearman}");
        foreach (var options in (SadsOptions[])[SadsOptions.Published, SadsOptions.Proportional])
        {
            var kept = Select(exact, options).Intersect(Select(rounded, options)).Count();
            Assert.True(kept >= 57, $"{kept} of 60 in common");
        }

        int[] Select(float[] sensitivity, SadsOptions options) => new SadsSelector(options)
            .Select(new SelectionInput { Embeddings = tokens.Embeddings, Sensitivity = sensitivity }, 60);
    }

    private static float[] Signs(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(2) == 0 ? -1f : 1f)];
    }

    private static PrunableTokens Tokens(TokenMatrix pre, TokenMatrix embeddings) => new() { Embeddings = embeddings, PreActivation = pre };

    private static float[] Estimate(ProjectorWeights weights, TokenMatrix pre, ClosedFormArithmetic arithmetic) =>
        new ClosedFormEstimator(weights, arithmetic)
            .Estimate(Tokens(pre, Sample.Matrix(pre.Rows, 4, 1)), TestContext.Current.CancellationToken);
}
