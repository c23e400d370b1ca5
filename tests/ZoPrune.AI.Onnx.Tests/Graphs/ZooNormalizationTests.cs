using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Vision;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Tests.Graphs;

/// <summary>The normalisation before each projector of one affine map, and the sensitivity of both together.</summary>
public sealed class ZooNormalizationTests
{
    public static TheoryData<string, string> Linear { get; } =
    [
        .. ZooGraph.HuggingFace.Where(row => row.Data.Item1 is "idefics3" or "paligemma" or "gemma3").Select(row => (row.Data.Item1, row.Data.Item2)),
    ];

    [Theory]
    [MemberData(nameof(Linear))]
    public void Each_linear_projector_has_its_normalisation(string folder, string variant)
    {
        var projector = ZooGraph.LoadHuggingFace(folder, variant).Projector;

        var description = projector.Describe();

        Assert.True(description.IsLinear);
        Assert.Equal(folder == "gemma3" ? NormalizationKind.RmsNorm : NormalizationKind.LayerNorm, description.Normalization!.Kind);
        Assert.Equal((24, folder == "idefics3" ? 4 : 1), (description.Normalization.Width, description.Normalization.BlocksPerToken));
        Assert.Equal(1e-6, projector.Normalization!.Epsilon, 1e-7);
        Assert.NotNull(projector.Normalization.ReadGain());
        Assert.Equal(folder != "idefics3", projector.Normalization.KeepsRowOrder);
    }

    [Theory]
    [InlineData("gemma3")]
    [InlineData("gemma3-rank3")]
    public void Genai_graphs_with_a_linear_projector_have_it_too(string folder)
    {
        var norm = ZooGraph.LoadGenAI(folder).Projector.Describe().Normalization!;

        Assert.Equal((NormalizationKind.RmsNorm, 16, 1), (norm.Kind, norm.Width, norm.BlocksPerToken));
    }

    [Fact]
    public void Projectors_with_an_activation_have_none() => Assert.Null(ZooGraph.LoadHuggingFace("qwen2_vl", "vision_encoder").Projector.Normalization);

    [Theory]
    [InlineData("idefics3", "vision_encoder")]
    [InlineData("idefics3", "vision_encoder_dynamo")]
    [InlineData("idefics3", "vision_encoder_ortopt")]
    [InlineData("paligemma", "vision_encoder")]
    [InlineData("paligemma", "vision_encoder_ortopt")]
    [InlineData("gemma3", "vision_encoder")]
    [InlineData("gemma3", "vision_encoder_dynamo")]
    [InlineData("gemma3", "vision_encoder_ortopt")]
    public void Sensitivities_are_those_of_finite_differences_through_the_graph(string folder, string variant)
    {
        // The whole Jacobian of the cut-out part from what is normalised to the embeddings, by central differences in float32.
        const float Step = 1e-2f;
        var zoo = ZooGraph.LoadHuggingFace(folder, variant);
        var (projector, norm) = (zoo.Projector, zoo.Projector.Normalization!);
        var (x, normalized, v) = Tap(zoo);
        var rows = RowTie.SideBySide(x, norm.KeepsRowOrder ? null : normalized, v)!.Value;
        var tokens = new PrunableTokens { Embeddings = v, NormalizationInput = rows };

        var sensitivities = new NormalizedLinearEstimator(projector.ReadNormalizedWeights()).Estimate(tokens, TestContext.Current.CancellationToken);

        var squares = new double[v.Rows];
        using var session = GraphRun.Open(zoo.Graph, GraphSurgeon.Cut(zoo.Graph, norm.Inputs[0], projector.Output, projector.First.InputType));
        var values = x.Values.ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            var (plus, minus) = (Run(Step), Run(-Step));
            for (var j = 0; j < plus.Length; j++)
            {
                squares[j / projector.OutputWidth] += Math.Pow((plus[j] - minus[j]) / (2 * Step), 2);
            }

            float[] Run(float step)
            {
                var moved = (float[])values.Clone();
                moved[i] += step;
                using var input = OrtValue.CreateTensorValueFromMemory(moved, [1, x.Rows, x.Width]);
                using var options = new RunOptions();
                using var results = session.Run(options, [norm.Inputs[0]], [input], [projector.Output]);
                return results[0].GetTensorDataAsSpan<float>().ToArray();
            }
        }

        for (var row = 0; row < squares.Length; row++)
        {
            var expected = Math.Sqrt(squares[row] / projector.InputWidth);
            Assert.InRange(Math.Abs(sensitivities[row] - expected) / expected, 0, 2e-3);
        }

        Assert.True(SensitivitySpread.Relative(sensitivities) > 0.05);
    }

    [Theory]
    [MemberData(nameof(Linear))]
    public void Every_precision_ranks_tokens_alike(string folder, string variant)
    {
        var expected = Estimate(ZooGraph.LoadHuggingFace(folder, "vision_encoder"));
        var actual = Estimate(ZooGraph.LoadHuggingFace(folder, variant));

        // Four bits change what the layers before compute by a quarter; the other precisions by a twentieth at most.
        var tolerance = variant.EndsWith("_q4", StringComparison.Ordinal) ? 0.5 : variant.EndsWith("_quantized", StringComparison.Ordinal) ? 0.1 : 0.01;
        Assert.All(expected.Zip(actual), pair => Assert.InRange(Math.Abs(pair.First - pair.Second) / pair.First, 0, tolerance));

        static float[] Estimate(ZooGraph zoo)
        {
            var (x, normalized, v) = Tap(zoo);
            var rows = RowTie.SideBySide(x, zoo.Projector.Normalization!.KeepsRowOrder ? null : normalized, v)!.Value;
            return new NormalizedLinearEstimator(zoo.Projector.ReadNormalizedWeights())
                .Estimate(new PrunableTokens { Embeddings = v, NormalizationInput = rows }, TestContext.Current.CancellationToken);
        }
    }

    private static (TokenMatrix Rows, TokenMatrix Normalized, TokenMatrix V) Tap(ZooGraph zoo)
    {
        var norm = zoo.Projector.Normalization!;
        var pixels = zoo.Graph.Input("pixel_values");
        var inputs = new Dictionary<string, OrtValue>
        {
            [pixels.Name] = GraphRun.Noise(pixels, pixels.Rank == 5 ? [1, 1, 3, 64, 64] : [1, 3, 64, 64]),
        };
        if (zoo.Graph.FindInput("pixel_attention_mask") is { } mask)
        {
            inputs.Add(mask.Name, OrtValue.CreateTensorValueFromMemory(Enumerable.Repeat(true, 64 * 64).ToArray(), [1, 1, 64, 64]));
        }

        var tensors = GraphRun.Tap(zoo.Graph, inputs, [.. norm.Inputs, norm.Output, zoo.Projector.Input]);
        Assert.Single(norm.Inputs);
        return (tensors[0], tensors[1], tensors[2]);
    }
}
