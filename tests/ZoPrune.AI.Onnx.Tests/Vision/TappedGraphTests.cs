using Google.Protobuf;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Vision;

public sealed class TappedGraphTests(ZooModels models) : IClassFixture<ZooModels>
{
    private static string Picture => TestData.PathTo("pocket-vlm", "eval", "images", "000.png");

    [Fact]
    public void A_tapped_graph_is_the_file_with_a_few_bytes_behind_it()
    {
        var file = Path.Combine(ZooModels.PocketVlmFolder, "vision.onnx");
        var original = File.ReadAllBytes(file);

        var tapped = GraphSurgeon.Tap(OnnxGraph.Read(file), ["/vision/Add_1_output_0", "image_features"]);

        Assert.Equal(original, tapped.AsSpan(0, original.Length).ToArray());
        Assert.InRange(tapped.Length - original.Length, 1, 100);
        Assert.Equal(["image_features", "/vision/Add_1_output_0"], ModelProto.Parser.ParseFrom(tapped).Graph.Output.Select(o => o.Name));
    }

    [Fact]
    public void Weights_in_external_data_stay_there_and_give_the_same_tokens()
    {
        // The bundled vision graph with its large weights moved into a data file: taps, closed form and the cut-out projector must not
        // notice.
        using var external = VisionLanguageModel.Load(WithExternalData());

        var expected = ZooModels.Encode(models.PocketVlm, Picture).Tokens;
        var tokens = ZooModels.Encode(external, Picture).Tokens;

        Assert.Equal(expected.Embeddings.Values.ToArray(), tokens.Embeddings.Values.ToArray());
        Assert.Equal(expected.ProjectorInput!.Value.Values.ToArray(), tokens.ProjectorInput!.Value.Values.ToArray());
        foreach (var method in Enum.GetValues<SensitivityMethod>())
        {
            Assert.Equal(
                models.PocketVlm.CreateEstimator(method)!.Estimate(expected, TestContext.Current.CancellationToken),
                external.CreateEstimator(method)!.Estimate(tokens, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void External_data_that_is_missing_or_too_short_is_named()
    {
        var folder = WithExternalData();
        var data = Path.Combine(folder, "vision.onnx.data");
        File.WriteAllBytes(data, File.ReadAllBytes(data).AsSpan(0, 100_000).ToArray());
        Assert.Contains("vision.onnx", Assert.Throws<ModelFolderException>(() => VisionLanguageModel.Load(folder)).Message, StringComparison.Ordinal);

        File.Delete(data);
        Assert.Contains("vision.onnx", Assert.Throws<ModelFolderException>(() => VisionLanguageModel.Load(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Operations_that_do_not_belong_to_the_graph_are_named()
    {
        var folder = ZooModels.CopyPocketVlm();
        var processor = Path.Combine(folder, "processor_config.json");
        File.WriteAllText(processor, File.ReadAllText(processor).Replace("256", "128", StringComparison.Ordinal));
        using var model = VisionLanguageModel.Load(folder);

        var error = Assert.Throws<ModelFolderException>(() => ZooModels.Encode(model, Picture));

        Assert.Contains("[1, 3, 128, 128]", error.Message, StringComparison.Ordinal);
        Assert.Contains("pixel_values", error.Message, StringComparison.Ordinal);
    }

    private static string WithExternalData()
    {
        var folder = ZooModels.CopyPocketVlm();
        var file = Path.Combine(folder, "vision.onnx");
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(file));
        using (var data = File.Create(file + ".data"))
        {
            foreach (var tensor in model.Graph.Initializer.Where(t => t.RawData.Length > 1024))
            {
                tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "vision.onnx.data" });
                tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{data.Position}" });
                tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{tensor.RawData.Length}" });
                tensor.DataLocation = 1;
                tensor.RawData.WriteTo(data);
                tensor.ClearRawData();
            }
        }

        File.WriteAllBytes(file, model.ToByteArray());
        Assert.True(new FileInfo(file).Length < 200_000);
        return folder;
    }
}
