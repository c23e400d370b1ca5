using System.Text.Json;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Pruning;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Graphs;

/// <summary>Sensitivities and selections of the projectors of the zoo, cut out and run, against the numbers of the reference.</summary>
public sealed class ZooSensitivityTests
{
    /// <summary>Picks that lead by more than this must be equal.</summary>
    private const double Certain = 1e-5;

    public static TheoryData<string> Folders { get; } =
    [
        .. Directory.GetFiles(TestData.PathTo("zoo", "hf"), "zoo_prune.json", SearchOption.AllDirectories)
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> TwoLayerFolders { get; } = ["llava", "llava_onevision", "qwen2_vl", "qwen2_5_vl"];

    public static TheoryData<string, string> EightBitVariants { get; } = new()
    {
        { "llava", "vision_encoder_quantized" },
        { "llava", "vision_encoder_int8" },
        { "qwen2_vl", "vision_encoder_quantized" },
        { "qwen2_5_vl", "vision_encoder_quantized" },
    };

    [Theory]
    [MemberData(nameof(Folders))]
    public void Finite_differences_with_the_recorded_directions_give_the_recorded_sensitivities(string folder)
    {
        var (truth, tokens) = Load(folder);

        var sensitivities = ZerothOrder(folder, "vision_encoder", tokens);

        AssertClose(Doubles(truth.GetProperty("S")), sensitivities, 1e-3);
    }

    [Theory]
    [MemberData(nameof(TwoLayerFolders))]
    public void The_closed_form_of_weights_read_from_the_graph_is_the_recorded_one(string folder)
    {
        var (truth, tokens) = Load(folder);

        var sensitivities = ClosedForm(folder, "vision_encoder", tokens);

        AssertClose(Doubles(truth.GetProperty("closed_form")), sensitivities, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Selections_are_the_recorded_ones(string folder)
    {
        var (truth, tokens) = Load(folder);
        var linear = truth.GetProperty("kind").GetString() == "linear";

        // The recorded selections for one affine map were made with equal sensitivities.
        var zeroth = linear ? [.. Enumerable.Repeat(1f, tokens.Embeddings.Rows)] : ZerothOrder(folder, "vision_encoder", tokens);
        foreach (var budget in truth.GetProperty("sads").EnumerateObject())
        {
            AssertPicks(budget.Value, new SadsSelector(), zeroth, tokens);
        }

        foreach (var budget in truth.GetProperty("divprune").EnumerateObject())
        {
            AssertPicks(budget.Value, new DivPruneSelector(), null, tokens);
        }

        if (!linear)
        {
            AssertPicks(truth.GetProperty("sads_closed_form_25%"), new SadsSelector(), ClosedForm(folder, "vision_encoder", tokens), tokens);
        }
    }

    [Theory]
    [MemberData(nameof(EightBitVariants))]
    public void Only_the_closed_form_of_dequantised_weights_ranks_tokens_of_an_eight_bit_projector(string folder, string variant)
    {
        var (truth, tokens) = Load(folder);
        var expected = Doubles(truth.GetProperty("closed_form"));

        var closed = ClosedForm(folder, variant, tokens);
        var differences = ZerothOrder(folder, variant, tokens);

        Assert.InRange(Spearman(expected, closed), 0.99, 1);
        Assert.InRange(Spearman(Doubles(truth.GetProperty("S")), differences), -1, 0.6);
    }

    [Theory]
    [MemberData(nameof(ZooGraph.HuggingFace), MemberType = typeof(ZooGraph))]
    public void The_projector_cut_out_of_each_graph_gives_the_recorded_embeddings(string folder, string variant)
    {
        // V and Z are those of the float32 projector, in the order of the graph; the bounds are relative to the largest value of Z.
        var zoo = ZooGraph.LoadHuggingFace(folder, variant);
        var (v, z) = (Matrix(folder, "V"), Matrix(folder, "Z"));
        using var runner = GraphRun.Projector(zoo.Projector);
        var output = new float[z.Values.Length];

        runner.Run(v.Values.Span, v.Rows, output);

        var largest = z.Values.ToArray().Max(Math.Abs);
        var tolerance = variant switch
        {
            _ when variant.Contains("q4", StringComparison.Ordinal) => 0.35,
            _ when variant.Contains("quantized", StringComparison.Ordinal) || variant.Contains("int8", StringComparison.Ordinal) => 0.03,
            _ when variant.Contains("fp16", StringComparison.Ordinal) => 3e-3,
            _ => 2e-6,
        };
        for (var i = 0; i < output.Length; i++)
        {
            Assert.InRange(Math.Abs(z.Values.Span[i] - output[i]) / largest, 0, tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(ZooGraph.GenAI), MemberType = typeof(ZooGraph))]
    public void Finite_differences_run_through_the_projector_of_each_genai_graph(string folder)
    {
        var projector = ZooGraph.LoadGenAI(folder).Projector;
        var random = new Random(5);
        var v = new TokenMatrix(
            Enumerable.Range(0, 40 * projector.InputWidth).Select(_ => (float)((random.NextDouble() * 4) - 2)).ToArray(), 40, projector.InputWidth);
        var tokens = new PrunableTokens { Embeddings = v, ProjectorInput = v };
        using var runner = GraphRun.Projector(projector);

        // Steps large enough for float16 and 4 bits; many directions, since the closed form is the limit for many.
        var zeroth = new ZerothOrderEstimator(
                runner.Run, projector.InputWidth, projector.OutputWidth, new ZerothOrderOptions { Step = 0.05f, Directions = 512 })
            .Estimate(tokens, TestContext.Current.CancellationToken);

        if (projector.Activation is null)
        {
            Assert.InRange(SensitivitySpread.Relative(zeroth), 0, 1e-4);
        }
        else
        {
            var closed = new ClosedFormEstimator(projector.ReadWeights()).Estimate(tokens, TestContext.Current.CancellationToken);
            Assert.InRange(Spearman([.. closed], zeroth), 0.97, 1);
        }
    }

    private static float[] ClosedForm(string folder, string variant, PrunableTokens tokens) =>
        new ClosedFormEstimator(ZooGraph.LoadHuggingFace(folder, variant).Projector.ReadWeights()).Estimate(tokens, TestContext.Current.CancellationToken);

    private static float[] ZerothOrder(string folder, string variant, PrunableTokens tokens)
    {
        var projector = ZooGraph.LoadHuggingFace(folder, variant).Projector;
        using var runner = GraphRun.Projector(projector);
        return ZerothOrderEstimator
            .WithDirections(runner.Run, Matrix(folder, "zoo_directions"), projector.OutputWidth, new ZerothOrderOptions { Step = 0.01f })
            .Estimate(tokens, TestContext.Current.CancellationToken);
    }

    /// <summary>The recorded numbers, and V and Z in the order of <c>image_features</c>, which the recorded numbers follow.</summary>
    private static (JsonElement Truth, PrunableTokens Tokens) Load(string folder)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("zoo", "hf", folder, "zoo_prune.json")));
        var (v, z) = (Matrix(folder, "V"), Matrix(folder, "Z"));
        var notes = ZooGraph.LoadHuggingFace(folder, "vision_encoder").Truth.TryGetProperty("notes", out var n) && n.ValueKind == JsonValueKind.Array
            ? n.EnumerateArray().ToArray() : [];
        var order = notes.FirstOrDefault(note => note.ValueKind == JsonValueKind.Object);
        if (order.ValueKind == JsonValueKind.Object && order.GetProperty("image_features_row_from_Z_row") is { ValueKind: JsonValueKind.Array } rows)
        {
            var tie = rows.EnumerateArray().Select(r => r.GetInt32()).ToArray();
            (v, z) = (ZoPrune.AI.Onnx.Vision.RowTie.Gather(v, tie), ZoPrune.AI.Onnx.Vision.RowTie.Gather(z, tie));
        }

        if (json.RootElement.TryGetProperty("feature_rows", out _))
        {
            // Tiles are put together: rows of the recorded numbers are those of the tiles that became features.
            using var goldens = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("zoo", "hf", folder, "goldens.json")));
            var photo = goldens.RootElement.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "photo");
            var tie = photo.GetProperty("tile_row_of_feature_row").EnumerateArray().Select(r => r.GetInt32()).Where(r => r >= 0).ToArray();
            (v, z) = (ZoPrune.AI.Onnx.Vision.RowTie.Gather(v, tie), ZoPrune.AI.Onnx.Vision.RowTie.Gather(z, tie));
        }

        return (json.RootElement.Clone(), new PrunableTokens { Embeddings = z, ProjectorInput = v });
    }

    private static TokenMatrix Matrix(string folder, string tensor)
    {
        var file = NpyFile.Read(TestData.PathTo("zoo", "hf", folder, tensor + ".npy"));
        return new TokenMatrix(file.ToSingles(), file.Shape[..^1].Aggregate(1, (n, d) => n * d), file.Shape[^1]);
    }

    private static void AssertPicks(JsonElement expected, TokenSelector selector, float[]? sensitivity, PrunableTokens tokens)
    {
        var picks = selector.Select(
            new SelectionInput { Embeddings = tokens.Embeddings, Sensitivity = sensitivity }, expected.GetProperty("k").GetInt32());
        Assert.Equal(expected.GetProperty("k").GetInt32(), picks.Length);
        if (expected.GetProperty("min_score_gap").GetDouble() > Certain)
        {
            Assert.Equal(expected.GetProperty("pick_order").EnumerateArray().Select(p => p.GetInt32()), picks);
            Assert.Equal(expected.GetProperty("kept").EnumerateArray().Select(p => p.GetInt32()), picks.Order());
        }
    }

    private static void AssertClose(double[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.InRange(Math.Abs(actual[i] - expected[i]) / expected[i], 0, tolerance);
        }
    }

    private static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetDouble())];

    private static double Spearman(double[] expected, float[] actual)
    {
        var (a, b) = (Ranks(expected), Ranks([.. actual.Select(s => (double)s)]));
        var n = (double)a.Length;
        return 1 - (6 * a.Zip(b, (x, y) => (x - y) * (x - y)).Sum() / (n * ((n * n) - 1)));
    }

    private static double[] Ranks(double[] values)
    {
        var order = Enumerable.Range(0, values.Length).OrderBy(i => values[i]).ToArray();
        var ranks = new double[values.Length];
        for (var rank = 0; rank < order.Length; rank++)
        {
            ranks[order[rank]] = rank;
        }

        return ranks;
    }
}
