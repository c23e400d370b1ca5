using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.Onnx.Tests.Graphs;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>Rows of tables are, bit by bit, what the embedding graphs give; graphs that do anything else are run.</summary>
public sealed class EmbeddingLookupTests
{
    private const int Width = 4;
    private const int Rows = 10;

    /// <summary>It adds rows of two tables.</summary>
    private const string TwoTables = "genai/phi4mm";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string?> Folders => new(
        ModelFolders.All.Select(folder => (folder, (string?)null)).Append(("hf/llava", "fp16")));

    /// <summary>What is done to the ids, the table and the rows, and whether that is still a row of a table.</summary>
    public static TheoryData<string, bool> Graphs => new()
    {
        { "plain", true },
        { "scaled", true },
        { "scaled in front", true },
        { "scaled by a node's number", true },
        { "scaled by a rounded number", false },
        { "scaled by a sum", false },
        { "scaled twice", false },
        { "scaled value by value", false },
        { "scaled by more axes", false },
        { "scaled by the ids", false },
        { "narrowed", false },
        { "of half floats, widened", true },
        { "of bfloat16, widened", true },
        { "added", false },
        { "another operator set", false },
        { "columns", false },
        { "other ids", false },
        { "quantised", false },
        { "clipped", true },
        { "clipped by rounded numbers", false },
        { "scattered by id", true },
        { "the other way round, scattered by id", true },
        { "of another type, scattered by id", true },
        { "scattered below", true },
        { "scattered up to", true },
        { "scattered above", true },
        { "scattered from", true },
        { "scattered by a rounded id", false },
        { "scattered anywhere", false },
        { "chosen by id", true },
        { "before opset 13, chosen by id", true },
        { "chosen anywhere", false },
        { "chosen out of another shape", false },
    };

    [Theory]
    [MemberData(nameof(Folders))]
    public void Rows_are_what_the_graph_gives(string folder, string? variant)
    {
        var options = new VisionLanguageModelOptions { Variants = new GraphVariants(Embedding: variant) };
        var parts = new ModelParts(ModelFolder.Open(ModelFolders.PathOf(folder), options.Variants), options);
        var plan = parts.Language.Embedding;
        using var stage = new EmbeddingStage(plan, new GraphSessionFactory(options), parts.Language.PlaceholderId);
        using var embedding = new TokenEmbedding(stage, plan);
        using var run = new RunOptions();

        Assert.Equal(folder != TwoTables, stage.Table is not null);
        int[] ids = [.. Enumerable.Range(0, (int)Math.Min(parts.Language.Vocabulary, 1000)).Where(id => id != parts.Language.PlaceholderId)];
        Assert.True(ids.Length > 300);
        foreach (var id in ids)
        {
            embedding.Run(id, run, Token);

            using var expected = stage.Run([id], ReadOnlyMemory<float>.Empty, Token);
            Assert.Equal(plan.DecoderType, expected.Embeddings.GetTensorTypeAndShape().ElementDataType);
            Assert.Equal(expected.Embeddings.GetTensorMutableRawData(), embedding.Embeddings.GetTensorMutableRawData());
        }

        Assert.Equal(folder == TwoTables ? ids.Length : 0, embedding.Runs);
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void The_token_of_visual_tokens_is_left_to_a_graph_that_puts_them_in(string folder, string? variant)
    {
        var options = new VisionLanguageModelOptions { Variants = new GraphVariants(Embedding: variant) };
        var parts = new ModelParts(ModelFolder.Open(ModelFolders.PathOf(folder), options.Variants), options);
        var (lookup, placeholder) = (parts.Language.Embedding.Lookup, parts.Language.PlaceholderId);

        Assert.False(lookup is not null && parts.Language.Embedding.Features is not null && lookup.Holds(placeholder));
        Assert.False(lookup?.Holds(-1) ?? false);
        Assert.False(lookup?.Holds(lookup.Rows) ?? false);
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Only_what_leaves_rows_as_they_are_is_recognised(string kind, bool isLookup)
    {
        var graph = Create(kind);

        var lookup = EmbeddingLookupFinder.Find(graph, graph.Input("input_ids"), graph.Output("inputs_embeds"), Width);

        Assert.Equal(isLookup, lookup is not null);
        if (lookup is null)
        {
            return;
        }

        using var table = EmbeddingTable.Open(lookup)!;
        using var session = new InferenceSession(graph.File);
        using var updates = OrtValue.CreateTensorValueFromMemory(Array.Empty<float>(), [0, Width]);
        var (row, values) = (new byte[lookup.RowBytes], new float[Width]);
        for (var id = 0; id < Rows; id++)
        {
            if (IsLeftToTheGraph(kind, id))
            {
                Assert.False(table.TryRead(id, row));
                continue;
            }

            Assert.True(table.TryRead(id, row));
            lookup.Convert(row, values);
            using var input = OrtValue.CreateTensorValueFromMemory(new long[] { id }, [1, 1]);
            using var run = new RunOptions();
            using var outputs = session.Run(
                run,
                [.. graph.Inputs.Select(i => i.Name)], graph.Inputs.Count == 1 ? [input] : [input, updates], ["inputs_embeds"]);
            Assert.Equal(outputs[0].GetTensorDataAsSpan<float>(), values);
        }
    }

    [Fact]
    public void A_type_that_the_output_does_not_have_is_not_recognised()
    {
        var graph = Create("plain");

        var output = graph.Output("inputs_embeds") with { ElementType = TensorElementType.Float16 };

        Assert.Null(EmbeddingLookupFinder.Find(graph, graph.Input("input_ids"), output, Width));
        Assert.Null(EmbeddingLookupFinder.Find(graph, graph.Input("input_ids"), graph.Output("inputs_embeds"), Width + 1));
    }

    [Fact]
    public void A_row_that_no_array_holds_has_no_size()
    {
        var lookup = new EmbeddingLookup("table.bin", 0, 1, 1 << 29, TensorElementType.Float, TensorElementType.Float, null, []);

        Assert.Throws<OverflowException>(() => lookup.RowBytes);
    }

    [Fact]
    public void A_file_that_shrinks_or_goes_is_done_without()
    {
        var folder = ZooModels.Copy(ModelFolders.PathOf("genai/gemma3"));
        var options = new VisionLanguageModelOptions();
        var parts = new ModelParts(ModelFolder.Open(folder), options);
        var plan = parts.Language.Embedding;
        using var stage = new EmbeddingStage(plan, new GraphSessionFactory(options), parts.Language.PlaceholderId);
        using var embedding = new TokenEmbedding(stage, plan);
        using var run = new RunOptions();
        embedding.Run(20, run, Token);
        var before = embedding.Embeddings.GetTensorMutableRawData().ToArray();
        Assert.Equal(0, embedding.Runs);

        using (var file = File.Open(plan.Section.File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(100);
        }

        embedding.Run(20, run, Token);
        Assert.Equal(1, embedding.Runs);
        Assert.Equal(before, embedding.Embeddings.GetTensorMutableRawData());

        // Too short from the beginning, or not there.
        Assert.Null(EmbeddingTable.Open(plan.Lookup!));
        File.Delete(plan.Section.File);
        Assert.Null(EmbeddingTable.Open(plan.Lookup!));
        Assert.Null(EmbeddingTable.Open(plan.Lookup! with { File = ModelFolders.PathOf("genai/gemma3"), Offset = long.MaxValue }));
    }

    [Fact]
    public void A_table_is_closed_with_its_model()
    {
        var graph = Create("plain");
        var lookup = EmbeddingLookupFinder.Find(graph, graph.Input("input_ids"), graph.Output("inputs_embeds"), Width)!;
        var table = EmbeddingTable.Open(lookup)!;
        table.Dispose();
        table.Dispose();

        Assert.Throws<ObjectDisposedException>(() => table.TryRead(0, new byte[lookup.RowBytes]));
        using var alone = File.Open(graph.File, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.True(alone.Length > 0);
    }

    /// <summary>Whether a graph does something else with a token than to look it up.</summary>
    private static bool IsLeftToTheGraph(string kind, int id) => kind switch
    {
        "clipped" => id is < 2 or > 6,
        "scattered below" => id < 7,
        "scattered up to" => id <= 7,
        "scattered above" => id > 7,
        "scattered from" => id >= 7,
        _ => id == 7 && kind.EndsWith("by id", StringComparison.Ordinal),
    };

    private static OnnxGraph Create(string kind)
    {
        // More than a kilobyte: smaller weights are not looked up where they lie.
        const int Tall = 300;
        var graph = new TinyGraph().Opset(20)
            .Input("input_ids", TensorElementType.Int64, 1, 0)
            .Weight("table", Tall, Width)
            .Integers("seven", 7)
            .Weight("twice", [2.3f], 1)
            .Weight("four", Width);
        _ = kind switch
        {
            "plain" => graph.Node("Gather", ["table", "input_ids"], "inputs_embeds"),
            "scaled" => Rowed().Node("Mul", ["row", "twice"], "inputs_embeds"),
            "scaled in front" => Rowed().Node("Mul", ["twice", "row"], "inputs_embeds"),
            "scaled by a node's number" => Rowed()
                .Node("Constant", [], "number", "", TinyGraph.Number("value_float", 2.3f))
                .Node("Identity", ["number"], "factor")
                .Node("Mul", ["row", "factor"], "inputs_embeds"),
            "scaled by a rounded number" => Rowed()
                .Node("Cast", ["twice"], "rounded", "", TinyGraph.Int("to", (int)TensorElementType.BFloat16))
                .Node("Cast", ["rounded"], "factor", "", TinyGraph.Int("to", (int)TensorElementType.Float))
                .Node("Mul", ["row", "factor"], "inputs_embeds"),
            "scaled by a sum" => Rowed().Node("Add", ["twice", "twice"], "factor").Node("Mul", ["row", "factor"], "inputs_embeds"),
            "scaled twice" => Rowed().Node("Mul", ["row", "twice"], "scaled").Node("Mul", ["scaled", "twice"], "inputs_embeds"),
            "scaled value by value" => Rowed().Node("Mul", ["row", "four"], "inputs_embeds"),
            "scaled by more axes" => Rowed().Weight("deep", [2.3f], 1, 1, 1, 1).Node("Mul", ["row", "deep"], "inputs_embeds"),
            "scaled by the ids" => Rowed().Node("Cast", ["input_ids"], "numbers", "", TinyGraph.Int("to", 1)).Node("Mul", ["row", "numbers"], "inputs_embeds"),
            "narrowed" => Rowed().Node("Cast", ["row"], "half", "", TinyGraph.Int("to", 10)).Node("Cast", ["half"], "inputs_embeds", "", TinyGraph.Int("to", 1)),
            "of half floats, widened" => Widened(TensorElementType.Float16, value => BitConverter.GetBytes((Half)value)),
            "of bfloat16, widened" => Widened(TensorElementType.BFloat16, value => BitConverter.GetBytes(value)[2..]),
            "added" => Rowed().Node("Add", ["row", "four"], "inputs_embeds"),
            "another operator set" => graph.Node("Gather", ["table", "input_ids"], "inputs_embeds", "com.microsoft"),
            "columns" => graph.Node("Gather", ["table", "input_ids"], "inputs_embeds", "", TinyGraph.Int("axis", 1)),
            "other ids" => graph.Node("Add", ["input_ids", "seven"], "ids").Node("Gather", ["table", "ids"], "inputs_embeds"),
            "quantised" => graph.Bytes("bytes", TensorElementType.UInt8, new byte[Tall * Width], Tall, Width)
                .Weight("scale", [0.1f])
                .Node("Gather", ["bytes", "input_ids"], "row")
                .Node("DequantizeLinear", ["row", "scale"], "inputs_embeds"),
            "clipped" => graph.Integers("two", 2).Integers("six", 6)
                .Node("Clip", ["input_ids", "two", "six"], "ids")
                .Node("Gather", ["table", "ids"], "inputs_embeds"),
            "clipped by rounded numbers" => graph.Integers("six", 6)
                .Node("Cast", ["twice"], "two", "", TinyGraph.Int("to", (int)TensorElementType.Int64))
                .Node("Clip", ["input_ids", "two", "six"], "ids")
                .Node("Gather", ["table", "ids"], "inputs_embeds"),
            "scattered by id" => Scattered("input_ids"),
            "the other way round, scattered by id" => Scattered("seven", "Equal", "input_ids"),
            "of another type, scattered by id" => graph.Bytes("seven32", TensorElementType.Int32, BitConverter.GetBytes(7), 1)
                .Node("Cast", ["input_ids"], "ids32", "", TinyGraph.Int("to", (int)TensorElementType.Int32)) is var _
                ? Scattered("ids32", "Equal", "seven32")
                : graph,
            "scattered below" => Scattered("input_ids", "Less"),
            "scattered up to" => Scattered("input_ids", "LessOrEqual"),
            "scattered above" => Scattered("input_ids", "Greater"),
            "scattered from" => Scattered("input_ids", "GreaterOrEqual"),
            "scattered by a rounded id" => graph.Weight("half", [7.5f], 1)
                .Node("Cast", ["half"], "rounded", "", TinyGraph.Int("to", (int)TensorElementType.Int64)) is var _
                ? Scattered("input_ids", "Equal", "rounded")
                : graph,
            "scattered anywhere" => graph.Input("mask", TensorElementType.Int64, 1, 0) is var _ ? Scattered("mask") : graph,
            "chosen by id" => Chosen("input_ids", "shape"),
            "before opset 13, chosen by id" => graph.Opset(12) is var _ ? Chosen("input_ids", "shape", isOld: true) : graph,
            "chosen anywhere" => graph.Input("mask", TensorElementType.Int64, 1, 0) is var _ ? Chosen("mask", "shape") : graph,
            "chosen out of another shape" => graph.Integers("long", 5, 1, Width) is var _ ? Chosen("input_ids", "long") : graph,
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        return OnnxGraph.Read(graph.Save("inputs_embeds", 1, 0, Width));

        TinyGraph Rowed() => graph.Node("Gather", ["table", "input_ids"], "row");

        TinyGraph Widened(TensorElementType type, Func<float, byte[]> bytes) => graph
            .Bytes("narrow", type, [.. Enumerable.Range(0, Tall * Width).SelectMany(i => bytes(MathF.Sin(i * 0.7f)))], Tall, Width)
            .Node("Gather", ["narrow", "input_ids"], "row")
            .Node("Cast", ["row"], "inputs_embeds", "", TinyGraph.Int("to", (int)TensorElementType.Float));

        TinyGraph Scattered(string tested, string test = "Equal", string against = "seven") => Rowed()
            .Input("updates", TensorElementType.Float, 0, Width)
            .Node(test, [tested, against], "test")
            .Node("NonZero", ["test"], "places")
            .Node("Transpose", ["places"], "indices")
            .Node("ScatterND", ["row", "indices", "updates"], "inputs_embeds");

        TinyGraph Chosen(string tested, string shape, bool isOld = false) => Rowed()
            .Integers("last", -1)
            .Weight("others", 5, 1, Width)
            .Node("Equal", [tested, "seven"], "test")
            .Node("Unsqueeze", isOld ? ["test"] : ["test", "last"], "each", "", isOld ? [TinyGraph.Ints("axes", -1)] : [])
            .Node("Shape", ["row"], "shape")
            .Node("Slice", ["others", "zero", "one"], "some")
            .Integers("zero", 0)
            .Integers("one", 1)
            .Node("Reshape", [shape == "shape" ? "some" : "others", shape], "other")
            .Node("Where", ["each", "other", "row"], "inputs_embeds");
    }
}
