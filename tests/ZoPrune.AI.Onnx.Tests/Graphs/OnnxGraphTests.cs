using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Graphs;

public sealed class OnnxGraphTests
{
    private static string Vision => Path.Combine(ZooModels.PocketVlmFolder, "vision.onnx");

    [Fact]
    public void Names_types_and_ranks_are_read_without_loading_weights()
    {
        var graph = OnnxGraph.Read(Vision);

        Assert.Equal(("pixel_values", 4), (graph.Inputs[0].Name, graph.Inputs[0].Rank));
        Assert.Equal([null, 3, 256, 256], graph.Inputs[0].Dimensions!);
        Assert.Equal("image_features", Assert.Single(graph.Outputs).Name);
        Assert.Equal([128L, 256], graph.Initializer("onnx::MatMul_675")!.Shape);
        Assert.True(graph.Model.CalculateSize() < 100_000, "The skeleton of a file of 5 MB should not hold its weights.");
    }

    [Fact]
    public void A_weight_is_read_from_where_it_lies()
    {
        var graph = OnnxGraph.Read(Vision);
        var weight = graph.Initializer("onnx::MatMul_675")!;

        var values = TensorData.ReadFloats(graph, weight);

        Assert.Equal(128 * 256, values.Length);
        Assert.Equal(weight.Length, values.Length * 4);
        Assert.All(values, v => Assert.InRange(v, -10f, 10f));
        Assert.True(values.Distinct().Count() > 10_000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(100)]
    [InlineData(5000)]
    [InlineData(2_000_000)]
    public void A_truncated_file_is_an_error_that_names_it(int length)
    {
        var file = WriteTemporary(File.ReadAllBytes(Vision).AsSpan(0, length));

        var error = Assert.Throws<ModelFolderException>(() => OnnxGraph.Read(file));

        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_never_give_anything_but_a_precise_error()
    {
        var random = new Random(1);
        var original = File.ReadAllBytes(TestData.PathTo("zoo", "genai", "gemma3", "vision.onnx"));
        for (var i = 0; i < 200; i++)
        {
            var bytes = original.ToArray();
            for (var j = 0; j < 8; j++)
            {
                bytes[random.Next(Math.Min(bytes.Length, 4000))] = (byte)random.Next(256);
            }

            var file = WriteTemporary(bytes);
            try
            {
                Assert.NotEmpty(OnnxGraph.Read(file).File);
            }
            catch (ModelFolderException e)
            {
                Assert.Contains(file, e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_missing_file_is_an_error_that_names_it()
    {
        var error = Assert.Throws<ModelFolderException>(() => OnnxGraph.Read(Path.Combine(ZooModels.PocketVlmFolder, "none.onnx")));

        Assert.Contains("none.onnx", error.Message, StringComparison.Ordinal);
    }

    private static string WriteTemporary(ReadOnlySpan<byte> bytes)
    {
        var file = Path.Combine(TemporaryFolders.Create(), "vision.onnx");
        File.WriteAllBytes(file, bytes);
        return file;
    }
}
