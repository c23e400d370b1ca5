using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Tests.Graphs;
using ZoPrune.AI.Onnx.Vision;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Vision;

/// <summary>
/// Which row of the projector made which row of the output, where the graph reorders rows or puts others between. The order depends on
/// sizes alone, so that pictures of noise show it.
/// </summary>
public sealed class ZooRowTieTests
{
    [Theory]
    [InlineData("phi3v")]
    [InlineData("qwen2_5_vl")]
    [InlineData("qwen2_5_vl-fp16")]
    [InlineData("fara")]
    public void Rows_of_genai_graphs_are_tied_as_recorded(string folder)
    {
        var zoo = ZooGraph.LoadGenAI(folder);
        using var golden = JsonDocument.Parse(File.ReadAllBytes(
            TestData.PathTo("zoo", "genai", folder, "goldens", zoo.Truth.GetProperty("case").GetString() + ".json")));
        var recorded = golden.RootElement.GetProperty("outputs");
        var inputs = zoo.Graph.Inputs.ToDictionary(i => i.Name, i => Create(i, recorded.GetProperty(i.Name)));

        var tie = Tie(zoo, inputs);

        Assert.Equal(Expand(zoo.Truth.GetProperty("V_row_of_image_feature")), tie);
    }

    [Theory]
    [InlineData("vision_encoder")]
    [InlineData("vision_encoder_dynamo")]
    [InlineData("vision_encoder_quantized")]
    public void Windows_of_qwen_are_put_back_in_order(string variant)
    {
        var zoo = ZooGraph.LoadHuggingFace("qwen2_5_vl", variant);
        using var goldens = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("zoo", "hf", "qwen2_5_vl", "goldens.json")));
        var photo = goldens.RootElement.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "photo");
        var grid = photo.GetProperty("image_grid_thw").EnumerateArray().SelectMany(row => ZooGraph.Longs(row)).ToArray();
        var inputs = new Dictionary<string, OrtValue>
        {
            ["pixel_values"] = GraphRun.Noise(zoo.Graph.Input("pixel_values"), ZooGraph.Longs(photo.GetProperty("pixel_values").GetProperty("shape"))),
        };
        if (zoo.Graph.FindInput("image_grid_thw") is not null)
        {
            inputs.Add("image_grid_thw", OrtValue.CreateTensorValueFromMemory(grid, [grid.Length / 3, 3]));
        }

        var order = zoo.Truth.GetProperty("notes").EnumerateArray().Single(n => n.ValueKind == JsonValueKind.Object).GetProperty("image_features_row_from_Z_row");
        Assert.Equal(ZooGraph.Longs(order), Tie(zoo, inputs).Select(r => (long)r));
    }

    [Theory]
    [InlineData("vision_encoder_anyres")]
    [InlineData("vision_encoder_anyres_dynamo")]
    public void Tiles_are_put_together_and_newlines_belong_to_none(string variant)
    {
        var zoo = ZooGraph.LoadHuggingFace("llava_onevision", variant);
        using var goldens = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("zoo", "hf", "llava_onevision", "goldens.json")));
        var photo = goldens.RootElement.GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "photo");
        var input = zoo.Graph.Input("pixel_values");
        var shape = ZooGraph.Longs(photo.GetProperty("pixel_values").GetProperty("shape"));
        var inputs = new Dictionary<string, OrtValue> { ["pixel_values"] = GraphRun.Noise(input, shape[^input.Rank!.Value..]) };

        Assert.Equal(ZooGraph.Longs(photo.GetProperty("tile_row_of_feature_row")), Tie(zoo, inputs).Select(r => (long)r));
    }

    [Theory]
    [InlineData("vision_encoder")]
    [InlineData("vision_encoder_fp16")]
    [InlineData("vision_encoder_quantized")]
    [InlineData("vision_encoder_ortopt")]
    public void Rows_divided_by_a_number_are_those_of_the_projector(string variant)
    {
        var zoo = ZooGraph.LoadHuggingFace("paligemma", variant);
        var inputs = new Dictionary<string, OrtValue> { ["pixel_values"] = GraphRun.Noise(zoo.Graph.Input("pixel_values"), 1, 3, 64, 64) };

        Assert.True(zoo.Projector.KeepsRowOrder);
        Assert.Equal(Enumerable.Range(0, 64), Tie(zoo, inputs));
    }

    private static int[] Tie(ZooGraph zoo, Dictionary<string, OrtValue> inputs)
    {
        var tensors = GraphRun.Tap(zoo.Graph, inputs, zoo.Graph.Outputs[0].Name, zoo.Projector.Output);
        foreach (var input in inputs.Values)
        {
            input.Dispose();
        }

        return RowTie.ByEquality(tensors[0], tensors[1]);
    }

    private static OrtValue Create(GraphValue input, JsonElement recorded)
    {
        var shape = ZooGraph.Longs(recorded.GetProperty("shape"));
        return input.ElementType == Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64
            ? OrtValue.CreateTensorValueFromMemory(ZooGraph.Longs(recorded.GetProperty("sample")), shape)
            : GraphRun.Noise(input, shape);
    }

    /// <summary>Runs [first row, count]; [-1, count]: rows without a partner.</summary>
    private static int[] Expand(JsonElement runs) => [.. runs.EnumerateArray().SelectMany(run => run[0].GetInt32() < 0
        ? Enumerable.Repeat(-1, run[1].GetInt32())
        : Enumerable.Range(run[0].GetInt32(), run[1].GetInt32()))];
}
