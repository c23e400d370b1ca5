using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.Onnx.Tests.Graphs;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>A cache has room to spare only where the operator that is told the lengths is all that sees it.</summary>
public sealed class CacheSharingTests
{
    private const string Key = "past_key_values.0.key";
    private const string Value = "past_key_values.0.value";
    private const int Heads = 2;
    private const int HeadSize = 8;

    /// <summary>What decoders of the transformers.js layout do with the cache, and whether it can be written in place.</summary>
    public static TheoryData<string, bool> Decoders => new()
    {
        { "plain", true },
        { "the past is read", false },
        { "the past is read in a branch", false },
        { "the present is read", false },
        { "the present is read in a branch", false },
        { "key and value are swapped", false },
        { "the presents are swapped", false },
        { "a length is fixed", false },
        { "another operator", false },
        { "another operator set", false },
        { "the present is another node's", false },
        { "one output", false },
        { "two outputs", false },
        { "no reader", false },
    };

    /// <summary>Graphs of folders that say they can (GenAI), and whether they are believed.</summary>
    public static TheoryData<string, bool> BelievedDecoders => new()
    {
        { "plain", true },
        { "the past is read", false },
        { "the past is read in a branch", false },
        { "the present is read", true },
        { "another operator", false },
        { "another operator set", false },
        { "no reader", false },
        { "no reader but of the present", false },
    };

    [Theory]
    [MemberData(nameof(Decoders))]
    public void Of_other_folders_the_graph_alone_tells(string kind, bool isPossible) =>
        Assert.Equal(isPossible, IsPossible("hf/llava", kind));

    [Theory]
    [MemberData(nameof(BelievedDecoders))]
    public void Folders_of_genai_are_believed_where_the_operator_reads_the_past(string kind, bool isPossible) =>
        Assert.Equal(isPossible, IsPossible(ModelFolders.PocketVlm, kind));

    [Fact]
    public void A_layout_can_be_that_of_a_returned_cache()
    {
        var layout = KeyValueLayout.Read(ModelFolder.Open(ModelFolders.PathOf("hf/llava")), Create("plain"));

        var returned = layout.ToReturned();

        Assert.True(layout.InPlace);
        Assert.False(returned.InPlace);
        Assert.Equal(layout.Layers, returned.Layers);
        Assert.Same(returned, returned.ToReturned());
    }

    private static bool IsPossible(string folder, string kind)
    {
        var opened = ModelFolder.Open(ModelFolders.PathOf(folder));
        Assert.True(opened.Layout != ModelFolderLayout.GenAI || opened.Search.ShareBuffer);
        return KeyValueLayout.Read(opened, Create(kind)).InPlace;
    }

    private static OnnxGraph Create(string kind)
    {
        const string Operator = "GroupQueryAttention";
        const string OperatorSet = "com.microsoft";
        var length = kind == "a length is fixed" ? 16 : 0;
        var graph = new TinyGraph("query", 1, 0, Heads * HeadSize)
            .Input(Key, TensorElementType.Float, 1, Heads, length, HeadSize)
            .Input(Value, TensorElementType.Float, 1, Heads, length, HeadSize)
            .Input("last_key", TensorElementType.Int32, 1)
            .Input("total", TensorElementType.Int32, 1)
            .Output("present.0.key", TensorElementType.Float, 1, Heads, length, HeadSize)
            .Output("present.0.value", TensorElementType.Float, 1, Heads, length, HeadSize);
        string[] plain = ["y", "present.0.key", "present.0.value"];
        _ = kind switch
        {
            "plain" or "a length is fixed" => Attention(Key, Value, plain),
            "the past is read" => Attention(Key, Value, plain).Node("Shape", [Key], "read"),
            "the past is read in a branch" => Attention(Key, Value, plain).Node("If", ["total"], "read", "", Branches(Key)),
            "the present is read" => Attention(Key, Value, plain).Node("Shape", ["present.0.value"], "read"),
            "the present is read in a branch" => Attention(Key, Value, plain).Node("If", ["total"], "read", "", Branches("present.0.value")),
            "key and value are swapped" => Attention(Value, Key, plain),
            "the presents are swapped" => Attention(Key, Value, ["y", "present.0.value", "present.0.key"]),
            "another operator" => Attention(Key, Value, plain, "MultiHeadAttention"),
            "another operator set" => Attention(Key, Value, plain, Operator, "custom"),
            "the present is another node's" => Attention(Key, Value, ["y", "present.0.key", "inner"])
                .Node("Identity", ["inner"], "present.0.value"),
            "one output" => Attention(Key, Value, ["present.0.key"])
                .Node("Identity", ["query"], "y").Node("Identity", ["query"], "present.0.value"),
            "two outputs" => Attention(Key, Value, ["y", "present.0.value"]).Node("Identity", ["query"], "present.0.key"),
            "no reader" => Attention("", "", plain),
            "no reader but of the present" => Attention("", "", plain)
                .Node(Operator, ["query", "query", "query", "present.0.key", "present.0.value", "last_key", "total"], "read", OperatorSet),
            _ => throw new ArgumentOutOfRangeException(nameof(kind)),
        };
        return OnnxGraph.Read(graph.Save("y", 1, 0, Heads * HeadSize));

        TinyGraph Attention(string key, string value, string[] outputs, string name = Operator, string set = OperatorSet) =>
            graph.Node(name, ["query", "query", "query", key, value, "last_key", "total"], outputs, set);
    }

    /// <summary>Bodies that read a tensor of the graph around them.</summary>
    private static AttributeProto[] Branches(string captured)
    {
        var body = new GraphProto { Name = "body" };
        var node = new NodeProto { OpType = "Shape" };
        node.Input.Add(captured);
        node.Output.Add("inner");
        body.Node.Add(node);
        body.Output.Add(new ValueInfoProto { Name = "inner" });
        return
        [
            new AttributeProto { Name = "then_branch", Type = 5, G = body },
            new AttributeProto { Name = "else_branch", Type = 5, G = body },
        ];
    }
}
