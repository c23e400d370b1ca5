extern alias synthetic;

using System.Numerics.Tensors;
using System.Text;
using System.Text.Json.Nodes;
using Google.Protobuf;
using ZoPrune.AI.Onnx;
using synthetic::ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.SyntheticVlm;
using ZoPrune.AI.SyntheticVlm.Kinds;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Benchmarks.Tests.SyntheticVlm;

/// <summary>Decoders of the transformers.js layout whose operators can write the cache in place do so, and give what they gave.</summary>
public sealed class SharedCacheTests
{
    private const int Tokens = 150;

    private static readonly ChatPrompt s_chat = new([new ChatTurn("user", [new TextPart("The quick brown fox jumps over the lazy dog, and then it runs back.")])]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Int4")]
    [InlineData("Float32")]
    public void Logits_are_those_of_a_cache_that_is_returned(string precision)
    {
        var (first, second) = (Write(precision), Write(precision));
        var decoder = DecoderOf(second);
        File.WriteAllBytes(decoder, [.. File.ReadAllBytes(decoder), .. OnlookerAtTheCache()]);
        Assert.True(IsInPlace(first));
        Assert.False(IsInPlace(second));
        using var inPlace = VisionLanguageModel.Load(first);
        using var returning = VisionLanguageModel.Load(second);
        using var inPlacePool = inPlace.CreateSequencePool(1 << 26);
        using var returningPool = returning.CreateSequencePool(1 << 26);
        var prompt = inPlace.EncodePrompt(s_chat, [], PositionPolicy.Auto);

        // The second time behind what the first time left.
        var least = long.MaxValue;
        for (var turn = 0; turn < 2; turn++)
        {
            using var a = inPlace.Prefill(prompt, [], new PrefillOptions { MaxNewTokens = Tokens, Pool = inPlacePool }, Token);
            using var b = returning.Prefill(prompt, [], new PrefillOptions { MaxNewTokens = Tokens, Pool = returningPool }, Token);
            Assert.Equal(b.CachedTokens, a.CachedTokens);
            Assert.Equal(turn == 1, a.CachedTokens > 0);
            for (var i = 0; i < Tokens; i++)
            {
                Assert.Equal(b.Logits, a.Logits);
                var id = TensorPrimitives.IndexOfMax<float>(b.Logits);
                least = Math.Min(least, Step(a, id));
                b.Step(id, Token);
            }
        }

        // No object for any tensor of the cache.
        Assert.InRange(least, 0, 255);

        static long Step(Decoding decoding, int id)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            decoding.Step(id, Token);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void Logits_of_an_open_width_are_as_wide_as_the_graph_makes_them()
    {
        // What config.json says is the size of a padded table, as checkpoints of Hugging Face have it.
        const int Padding = 64;
        var (closed, open) = (Write("Float32"), Write("Float32"));
        ChangeDecoder(open, model => ShapeOfLogits(model).Dim[2] = new DimensionProto { DimParam = "vocabulary" });
        var config = Path.Combine(open, "config.json");
        var root = JsonNode.Parse(File.ReadAllText(config))!;
        root["text_config"]!["vocab_size"] = (int)root["text_config"]!["vocab_size"]! + Padding;
        File.WriteAllText(config, root.ToJsonString());

        Assert.False(IsInPlace(open));
        AssertEqualAnswers(closed, open);
    }

    [Fact]
    public void Logits_of_rows_that_nothing_tells_are_read()
    {
        // The graph gives the last row alone; its output is declared with a row a token.
        var (every, one) = (Write("Float32"), Write("Float32"));
        ChangeDecoder(one, model =>
        {
            model.Graph.Node.Single(n => n.Output.Contains("logits")).Output[0] = "every";
            var last = new TensorProto { Name = "last", DataType = 7 };
            last.Dims.Add(1);
            last.Int64Data.Add(-1);
            model.Graph.Initializer.Add(last);
            var node = new NodeProto { OpType = "Gather", Name = "last_row" };
            node.Input.Add(["every", "last"]);
            node.Output.Add("logits");
            node.Attribute.Add(new AttributeProto { Name = "axis", Type = 2, I = 1 });
            model.Graph.Node.Add(node);
        });

        Assert.False(IsInPlace(one));
        AssertEqualAnswers(every, one);
    }

    private static void AssertEqualAnswers(string expected, string actual)
    {
        using var first = VisionLanguageModel.Load(expected);
        using var second = VisionLanguageModel.Load(actual);
        var prompt = first.EncodePrompt(s_chat, [], PositionPolicy.Auto);
        using var a = first.Prefill(prompt, [], new PrefillOptions { MaxNewTokens = 3 }, Token);
        using var b = second.Prefill(prompt, [], new PrefillOptions { MaxNewTokens = 3 }, Token);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(a.Logits, b.Logits);
            var id = TensorPrimitives.IndexOfMax<float>(a.Logits);
            a.Step(id, Token);
            b.Step(id, Token);
        }
    }

    private static bool IsInPlace(string folder) =>
        new ModelParts(ModelFolder.Open(folder), new VisionLanguageModelOptions()).Language.Layout.InPlace;

    private static string DecoderOf(string folder) =>
        Directory.EnumerateFiles(folder, "decoder_model_merged*.onnx", SearchOption.AllDirectories).Single();

    private static void ChangeDecoder(string folder, Action<ModelProto> change)
    {
        var file = DecoderOf(folder);
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(file));
        change(model);
        File.WriteAllBytes(file, model.ToByteArray());
    }

    private static TensorShapeProto ShapeOfLogits(ModelProto model) =>
        model.Graph.Output.Single(o => o.Name == "logits").Type.TensorType.Shape;

    private static string Write(string precision)
    {
        var folder = TemporaryFolders.Create();
        SyntheticModel.Write(SyntheticModel.Plan("next-like", ModelSize.Tiny, Enum.Parse<WeightPrecision>(precision)), folder);
        return folder;
    }

    /// <summary>A node more at the end of a file, as protobuf allows: it looks at a past, which must have no room to spare then.</summary>
    private static byte[] OnlookerAtTheCache()
    {
        byte[] node = [.. Text(1, "past_key_values.0.key"), .. Text(2, "onlooker"), .. Text(4, "Shape")];
        byte[] graph = [(1 << 3) | 2, (byte)node.Length, .. node];
        return [(7 << 3) | 2, (byte)graph.Length, .. graph];

        static byte[] Text(int field, string text) => [(byte)((field << 3) | 2), (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];
    }
}
