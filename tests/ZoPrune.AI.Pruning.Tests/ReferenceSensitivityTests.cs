namespace ZoPrune.AI.Pruning.Tests;

public class ReferenceSensitivityTests
{
    private const double Tolerance = 1e-5;

    [Theory]
    [MemberData(nameof(ReferenceCase.Names), MemberType = typeof(ReferenceCase))]
    public void Closed_form_equals_the_reference(string name)
    {
        var reference = ReferenceCase.Load(name);
        AssertClose(reference.ClosedForm, reference.OwnClosedForm());
    }

    [Theory]
    [MemberData(nameof(ReferenceCase.Names), MemberType = typeof(ReferenceCase))]
    public void Closed_form_from_the_pre_activation_equals_the_reference(string name)
    {
        var reference = ReferenceCase.Load(name);
        var weights = reference.Weights;
        var pre = new float[reference.ProjectorInput.Rows * weights.HiddenWidth];
        for (var i = 0; i < pre.Length; i++)
        {
            var v = reference.ProjectorInput.Row(i / weights.HiddenWidth);
            var unit = i % weights.HiddenWidth;
            double sum = weights.B1!.Value.Span[unit];
            for (var k = 0; k < v.Length; k++)
            {
                sum += (double)v[k] * weights.W1.Span[(unit * v.Length) + k];
            }

            pre[i] = (float)sum;
        }

        var tokens = new PrunableTokens
        {
            Embeddings = reference.Embeddings,
            PreActivation = new TokenMatrix(pre, reference.ProjectorInput.Rows, weights.HiddenWidth),
        };
        AssertClose(reference.ClosedForm, new ClosedFormEstimator(weights).Estimate(tokens, TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(ReferenceCase.Names), MemberType = typeof(ReferenceCase))]
    public void Zeroth_order_with_the_recorded_directions_equals_the_reference(string name)
    {
        var reference = ReferenceCase.Load(name);
        AssertClose(reference.ZerothOrder, reference.OwnZerothOrder());
    }

    [Theory]
    [MemberData(nameof(ReferenceCase.Names), MemberType = typeof(ReferenceCase))]
    public void Only_the_linear_projector_is_constant(string name)
    {
        var reference = ReferenceCase.Load(name);
        var linear = name == "linear";
        float[][] all =
        [
            [.. reference.ZerothOrder.Select(s => (float)s)],
            [.. reference.ClosedForm.Select(s => (float)s)],
            reference.OwnZerothOrder(),
            reference.OwnClosedForm(),
        ];
        Assert.All(all, s => Assert.Equal(linear, SensitivitySpread.IsConstant(s)));
        Assert.All(all, s => Assert.True(linear ? SensitivitySpread.Relative(s) < 1e-5 : SensitivitySpread.Relative(s) > 0.1));
    }

    private static void AssertClose(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var error = Math.Abs(actual[i] - expected[i]) / expected[i];
            Assert.True(error <= Tolerance, $"Row {i}: {actual[i]} instead of {expected[i]}, relative error {error:E1}.");
        }
    }
}
