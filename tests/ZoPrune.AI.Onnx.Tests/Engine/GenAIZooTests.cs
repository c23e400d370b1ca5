using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>Every folder of the zoo in GenAI's layout against what GenAI 0.18 made of it.</summary>
public sealed class GenAIZooTests(ZooModels models) : IClassFixture<ZooModels>
{
    public static TheoryData<string, string> Cases { get; } = GoldenCases.Where(_ => true);

    /// <summary>Cases whose pixels do not depend on the JPEG decoder.</summary>
    public static TheoryData<string, string> FeatureCases { get; } = GoldenCases.Where(g => g.HasImageFeatures && !g.HasJpeg && !IsUndefined(g));

    /// <summary>Cases whose recorded ids can be demanded: the margin is above twice the tolerance of logits.</summary>
    public static TheoryData<string, string> GeneratedCases { get; } = GoldenCases.Where(GoldenCases.HasCertainIds);

    /// <summary>Cases that GenAI's processor refuses.</summary>
    public static TheoryData<string, string> RefusedCases { get; } = GoldenCases.Where(g => g.IsRefused, refused: true);

    /// <summary>Cases with newlines and separators among the features.</summary>
    public static TheoryData<string, string> StructuralCases { get; } = GoldenCases.Where(g => g.HasStructuralRows);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Input_ids_equal_those_of_GenAI(string folder, string name)
    {
        var golden = Golden.Load(folder, name);
        var model = models[folder];

        var prompt = model.EncodeRendered(golden.Prompt, GoldenCases.Select(model, golden), PositionPolicy.Auto);

        Assert.Equal(golden.InputIds, prompt.InputIds);
        if (prompt.PositionAxes == 1 && prompt.Masked is null)
        {
            Assert.Equal(golden.InputIds.Length, prompt.NextPosition);
        }
    }

    [Theory]
    [MemberData(nameof(RefusedCases))]
    public void What_GenAI_refuses_is_refused(string folder, string name)
    {
        var golden = Golden.Load(folder, name);
        var model = models[folder];
        var images = GoldenCases.Select(model, golden);

        var exception = Assert.Throws<ChatTemplateException>(() => model.EncodeRendered(golden.Prompt, images, PositionPolicy.Auto));

        Assert.Contains("image", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(StructuralCases))]
    public void Structural_rows_are_those_of_the_recorded_features(string folder, string name)
    {
        var golden = Golden.Load(folder, name);
        var rows = new List<int>();
        var offset = 0;
        foreach (var image in GoldenCases.Select(models[folder], golden))
        {
            rows.AddRange(image.Image.Tokens.Structural.Select(r => r + offset));
            offset += image.Image.Count;
        }

        var expected = golden.StructuralRows;
        Assert.Equal(expected.GetProperty("count").GetInt32(), rows.Count);
        Assert.Equal(expected.GetProperty("sum").GetInt64(), rows.Sum(r => (long)r));
        Assert.Equal(Golden.Ints(expected.GetProperty("first")), rows.Take(expected.GetProperty("first").GetArrayLength()));
        Assert.Equal(Golden.Ints(expected.GetProperty("last")), rows.TakeLast(expected.GetProperty("last").GetArrayLength()));
    }

    [Theory]
    [MemberData(nameof(FeatureCases))]
    public void Image_features_equal_those_of_GenAI(string folder, string name)
    {
        var golden = Golden.Load(folder, name);
        var values = GoldenCases.Select(models[folder], golden).SelectMany(i => i.Image.Tokens.Embeddings.Values.ToArray()).ToArray();

        var features = golden.ImageFeatures;
        Assert.Equal(features.GetProperty("shape").EnumerateArray().Aggregate(1, (n, d) => n * d.GetInt32()), values.Length);
        var expected = features.GetProperty("sample").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        var indices = Golden.Ints(features.GetProperty("sample_index"));
        Assert.NotEmpty(indices);
        for (var i = 0; i < indices.Length; i++)
        {
            Assert.Equal(expected[i], values[indices[i]], GoldenCases.ToleranceOf(folder));
        }

        Assert.Equal(features.GetProperty("mean_abs").GetDouble(), values.Average(v => Math.Abs((double)v)), GoldenCases.ToleranceOf(folder));
    }

    [Theory]
    [MemberData(nameof(GeneratedCases))]
    public void Greedy_ids_equal_those_of_GenAI(string folder, string name)
    {
        var golden = Golden.Load(folder, name);
        var model = models[folder];
        var images = GoldenCases.Select(model, golden);
        var prompt = model.EncodeRendered(golden.Prompt, images, PositionPolicy.Auto);
        var expected = golden.GeneratedIds;

        var ids = Generate.Ids(model, prompt, images, expected.Length, GoldenCases.SamplingOf(model, golden), golden.EosTokenIds(model.EosTokenIds));

        Assert.Equal(expected, ids);
    }

    [Fact]
    public void Stored_features_of_a_square_picture_are_met_row_by_row()
    {
        var expected = NpyFile.Read(TestData.PathTo("zoo", "genai", "gemma3", "goldens", "square", "image_features.npy")).ToSingles();

        var tokens = ZooModels.Encode(models["gemma3"], TestData.PathTo("zoo", "images", "square56.png"));

        Assert.Equal(expected.Length, tokens.Tokens.Embeddings.Values.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], tokens.Tokens.Embeddings.Values.Span[i], 1e-4f);
        }
    }

    /// <summary>
    /// Pictures of mixed aspect ratios overrun GenAI's stacking of mistral3; its features are those of overwritten memory.
    /// </summary>
    private static bool IsUndefined(Golden golden) => golden is { Folder: "mistral3", Name: "two_separated_sizes" };
}
