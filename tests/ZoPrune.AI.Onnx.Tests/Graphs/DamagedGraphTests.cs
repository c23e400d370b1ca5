using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.Testing;
using TestData = ZoPrune.AI.Testing.TestData;

namespace ZoPrune.AI.Onnx.Tests.Graphs;

/// <summary>Graphs that are cut off, flipped, knotted or lied about: one precise exception, whatever the damage.</summary>
public sealed class DamagedGraphTests
{
    private static readonly string[] s_files =
    [
        TestData.PathTo("zoo", "hf", "llava", "onnx", "vision_encoder_quantized.onnx"),
        TestData.PathTo("zoo", "hf", "idefics3", "onnx", "vision_encoder_q4.onnx"),
        TestData.PathTo("zoo", "hf", "qwen2_5_vl", "onnx", "vision_encoder_dynamo.onnx"),
        TestData.PathTo("zoo", "genai", "phi3v", "vision.onnx"),
        TestData.PathTo("zoo", "genai", "gemma3", "vision.onnx"),
    ];

    [Fact]
    public void Cut_off_and_flipped_files_give_a_projector_or_a_precise_error()
    {
        var originals = s_files.Select(File.ReadAllBytes).ToArray();
        var file = Path.Combine(TemporaryFolders.Create(), "vision.onnx");
        var damage = from which in Gen.Choose(0, originals.Length - 1)
                     from cut in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(1, 100_000)))
                     from flips in Gen.ListOf(Gen.Choose(0, int.MaxValue - 1).Two())
                     select (which, cut, flips);

        Prop.ForAll(damage.ToArbitrary(), d =>
        {
            var bytes = originals[d.which].ToArray();
            foreach (var (place, value) in d.flips)
            {
                // Most of a file is weights, which may hold anything: more flips at the end and the start, where nodes stand.
                var at = place % 3 == 0 ? place % bytes.Length : place % 3 == 1 ? place % 8000 : bytes.Length - 1 - (place % 20_000);
                bytes[at] = (byte)value;
            }

            File.WriteAllBytes(file, bytes.AsSpan(0, Math.Max(0, bytes.Length - d.cut)).ToArray());
            try
            {
                var graph = OnnxGraph.Read(file);
                foreach (var output in graph.Outputs)
                {
                    var projector = ProjectorFinder.Find(graph, output.Name);
                    _ = projector?.Describe();
                    _ = projector is null ? null : GraphSurgeon.Cut(graph, projector.Input, projector.Output, projector.First.InputType);
                    _ = projector?.Activation is null ? null : projector.ReadWeights();
                    _ = projector?.Normalization is null ? null : projector.ReadNormalizedWeights();
                }
            }
            catch (Exception e) when (e is ModelFolderException or NotSupportedException)
            {
                Assert.Contains(Path.GetDirectoryName(file)!, e.Message, StringComparison.Ordinal);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));
    }

    [Fact]
    public void A_tensor_that_depends_on_itself_is_named()
    {
        var error = Refused(g => g.Node("Add", ["v", "c"], "a").Node("Identity", ["a"], "b").Node("Identity", ["b"], "c").Node("Identity", ["c"], "z"));

        Assert.Matches("the tensor '[abc]', of a node of kind (Add|Identity), depends on itself", error);
    }

    [Fact]
    public void A_tensor_from_nowhere_is_named()
    {
        Assert.Contains("takes the tensor 'ghost', which nothing produces", Refused(g => g.Node("Add", ["v", "ghost"], "z")), StringComparison.Ordinal);
        Assert.Contains("nothing produces the output 'z'", Refused(g => g.Node("Identity", ["v"], "y")), StringComparison.Ordinal);
    }

    [Fact]
    public void Bodies_may_use_tensors_around_them_but_not_their_own_result()
    {
        Assert.Null(Record(g => Branch(g, "v")));
        Assert.Contains("depends on itself", Record(g => Branch(g, "z"))!, StringComparison.Ordinal);
        Assert.Contains("'ghost'", Record(g => Branch(g, "ghost"))!, StringComparison.Ordinal);

        static TinyGraph Branch(TinyGraph g, string captured)
        {
            var body = new GraphProto { Name = "body" };
            var node = new NodeProto { OpType = "Identity" };
            node.Input.Add(captured);
            node.Output.Add("inner");
            body.Node.Add(node);
            body.Output.Add(new ValueInfoProto { Name = "inner" });
            return g.Weight("yes", [1f]).Node(
                "If", ["yes"], "z", "", new AttributeProto { Name = "then_branch", Type = 5, G = body }, new AttributeProto { Name = "else_branch", Type = 5, G = body });
        }
    }

    [Fact]
    public void Two_weights_of_one_name_or_a_weight_that_a_node_produces_are_named()
    {
        Assert.Contains("two weights have the name 'w'", Refused(g => g.Weight("w", 2).Weight("w", 2).Node("Add", ["v", "w"], "z")), StringComparison.Ordinal);
        Assert.Contains("'v' is an input", Refused(g => g.Node("Identity", ["z"], "v").Node("Identity", ["v"], "z")), StringComparison.Ordinal);
        Assert.Contains("'z' is a weight", Refused(g => g.Weight("z", 2).Node("Identity", ["v"], "z")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-3L, 2L)]
    [InlineData(long.MaxValue, 2L)]
    [InlineData(1L << 40, 1L << 40)]
    public void Impossible_shapes_are_named(long rows, long columns)
    {
        var error = Refused(g => g.Bytes("w", Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, new byte[16], rows, columns).Node("MatMul", ["v", "w"], "z"));

        Assert.Contains($"'w' has the impossible shape [{rows}, {columns}]", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_of_another_size_than_the_shape_says_is_named()
    {
        var error = Refused(g => g.Bytes("w", Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float, new byte[12], 2, 2).Node("MatMul", ["v", "w"], "z"));

        Assert.Contains("'w' has 12 bytes of data where its shape [2, 2] of Float needs 16", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../weights.bin", "0", "16", "not a path inside the folder")]
    [InlineData("/etc/hostname", "0", "16", "not a path inside the folder")]
    [InlineData("missing.bin", "0", "16", "does not exist")]
    [InlineData("data.bin", "100", "16", "which has 64")]
    [InlineData("data.bin", "9223372036854775807", "16", "which has 64")]
    [InlineData("data.bin", "-1", "16", "offset '-1'")]
    [InlineData("data.bin", "0", "12", "needs 16")]
    public void External_data_that_is_not_there_is_named(string location, string offset, string length, string problem)
    {
        var file = new TinyGraph("v", 0, 2).Weight("w", 2, 2).Node("MatMul", ["v", "w"], "z").Save("z", 0, 2);
        File.WriteAllBytes(Path.Combine(Path.GetDirectoryName(file)!, "data.bin"), new byte[64]);
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(file));
        var weight = model.Graph.Initializer[0];
        weight.ClearRawData();
        weight.DataLocation = 1;
        weight.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = location });
        weight.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = offset });
        weight.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = length });
        File.WriteAllBytes(file, model.ToByteArray());

        var error = Assert.Throws<ModelFolderException>(() => OnnxGraph.Read(file)).Message;

        Assert.Contains("'w'", error, StringComparison.Ordinal);
        Assert.Contains(problem, error, StringComparison.Ordinal);
    }

    private static string Refused(Func<TinyGraph, TinyGraph> write) => Record(write) ?? throw new InvalidOperationException("The graph was not refused.");

    private static string? Record(Func<TinyGraph, TinyGraph> write)
    {
        var file = write(new TinyGraph("v", 0, 2)).Save("z", 0, 2);
        try
        {
            _ = OnnxGraph.Read(file);
            return null;
        }
        catch (ModelFolderException e)
        {
            Assert.Contains(file, e.Message, StringComparison.Ordinal);
            return e.Message;
        }
    }
}
