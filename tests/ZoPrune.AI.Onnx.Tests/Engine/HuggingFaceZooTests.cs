using System.Text.Json;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>Every folder of the zoo in the transformers.js layout against what Hugging Face transformers made of it.</summary>
public sealed class HuggingFaceZooTests(ZooModels models) : IClassFixture<ZooModels>
{
    public static TheoryData<string, string> Cases { get; } = Where(_ => true);

    public static TheoryData<string, string> FeatureCases { get; } = Where(g => g.HasFeatures);

    /// <summary>Folders whose pruned generation is recorded, and the policies.</summary>
    public static TheoryData<string, PositionPolicy> PrunedCases { get; } = new(
        from folder in HuggingFaceGolden.Folders
        from policy in new[] { PositionPolicy.Original, PositionPolicy.Compact }
        where Pruned(folder).TryGetProperty(KeyOf(policy), out var recorded) && recorded.ValueKind == JsonValueKind.Object
        select (folder, policy));

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_chat_gives_the_ids_and_positions_of_Hugging_Face(string folder, string name)
    {
        var golden = HuggingFaceGolden.Load(folder, name);
        var model = Open(golden);

        var prompt = model.EncodePrompt(golden.Prompt, Select(model, golden));

        Assert.Equal(golden.InputIds, prompt.InputIds);
        var (positions, next) = golden.Positions;
        Assert.Equal(positions, prompt.Positions);
        Assert.Equal(next, prompt.NextPosition);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_rendered_prompt_gives_the_same_ids(string folder, string name)
    {
        var golden = HuggingFaceGolden.Load(folder, name);
        var model = Open(golden);

        var prompt = model.EncodeRendered(golden.Rendered, Select(model, golden), PositionPolicy.Auto);

        Assert.Equal(golden.InputIds, prompt.InputIds);
    }

    [Theory]
    [MemberData(nameof(FeatureCases))]
    public void Image_features_equal_those_of_Hugging_Face(string folder, string name)
    {
        var golden = HuggingFaceGolden.Load(folder, name);
        var values = Select(Open(golden), golden).SelectMany(i => i.Image.Tokens.Embeddings.Values.ToArray()).ToArray();

        var features = golden.Features;
        Assert.Equal(features.GetProperty("shape").EnumerateArray().Aggregate(1, (n, d) => n * d.GetInt32()), values.Length);
        var indices = Golden.Ints(features.GetProperty("indices"));
        var expected = features.GetProperty("values").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        Assert.NotEmpty(indices);
        for (var i = 0; i < indices.Length; i++)
        {
            Assert.Equal(expected[i], values[indices[i]], 1e-4);
        }

        Assert.Equal(features.GetProperty("mean_abs").GetDouble(), values.Average(v => Math.Abs((double)v)), 1e-4);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Greedy_ids_equal_those_of_Hugging_Face(string folder, string name)
    {
        var golden = HuggingFaceGolden.Load(folder, name);
        var model = Open(golden);
        var images = Select(model, golden);

        var ids = Generate.Ids(model, model.EncodePrompt(golden.Prompt, images), images, golden.Greedy.Length, Generate.Greedy, Generate.NoEnd);

        Assert.Equal(golden.Greedy, ids);
    }

    [Theory]
    [MemberData(nameof(PrunedCases))]
    public void Greedy_ids_of_pruned_prompts_equal_the_recorded_ones(string folder, PositionPolicy policy)
    {
        var pruned = Pruned(folder);
        var golden = HuggingFaceGolden.Load(folder, pruned.GetProperty("case").GetString()!);
        var model = Open(golden);
        var kept = Golden.Ints(pruned.GetProperty("kept_feature_rows"));
        List<ImageSelection> images = [.. Select(model, golden).Select(i => new ImageSelection(i.Image, kept))];

        var prompt = model.EncodePrompt(golden.Prompt, images, policy);
        var expected = pruned.GetProperty(KeyOf(policy));

        Assert.Equal(pruned.GetProperty("sequence_length").GetInt32(), prompt.Length);
        Assert.Equal(expected.GetProperty("next_position").GetInt64(), prompt.NextPosition);
        var ids = Golden.Ints(expected.GetProperty("greedy_ort"));
        Assert.Equal(ids, Generate.Ids(model, prompt, images, ids.Length, Generate.Greedy, Generate.NoEnd));
    }

    private static string KeyOf(PositionPolicy policy) => policy == PositionPolicy.Original ? "original_positions" : "compact_positions";

    private static JsonElement Pruned(string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("zoo", "hf", folder, "zoo_prune.json")));
        return document.RootElement.GetProperty("pruned_generation_sads_25%").Clone();
    }

    private static TheoryData<string, string> Where(Func<HuggingFaceGolden, bool> condition) => new(
        from folder in HuggingFaceGolden.Folders
        from golden in HuggingFaceGolden.All(folder)
        where condition(golden)
        select (folder, golden.Name));

    private static List<ImageSelection> Select(VisionLanguageModel model, HuggingFaceGolden golden) =>
        [.. golden.Images.Select(i => ImageSelection.All(ZooModels.Encode(model, TestData.PathTo("zoo", "hf", "images", i), golden.Images.Count)))];

    private VisionLanguageModel Open(HuggingFaceGolden golden) => models.HuggingFace(golden.Folder, golden.SplitImages);
}
