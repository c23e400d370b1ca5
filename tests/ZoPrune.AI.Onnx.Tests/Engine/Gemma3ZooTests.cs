using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

public sealed class Gemma3ZooTests(ZooModels models) : IClassFixture<ZooModels>
{
    /// <summary>Twice the tolerance of logits in float32 (zoo README): above it the ids are demanded.</summary>
    private const double SafeMargin = 2e-4;

    private const int FolderCases = 28;

    /// <summary>A 4:2:0 JPEG: the zoo's README says that features and ids need not agree, because decoders differ in chroma.</summary>
    private const string SubsampledJpeg = "photo160x120.jpg";

    public static TheoryData<string, string> Cases { get; } = Where(_ => true);

    /// <summary>Cases whose pixels do not depend on the JPEG decoder.</summary>
    public static TheoryData<string, string> FeatureCases { get; } = Where(g => g.HasImageFeatures && !g.HasJpeg);

    /// <summary>Cases whose recorded ids can be demanded.</summary>
    public static TheoryData<string, string> GeneratedCases { get; } =
        Where(g => g.HasGeneratedIds && !g.Images.Contains(SubsampledJpeg) && g.MinMargin >= SafeMargin);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Input_ids_equal_those_of_GenAI(string folder, string name)
    {
        var golden = Golden.Load(folder, name);
        var model = models[folder];

        var prompt = model.EncodeRendered(golden.Prompt, Select(model, golden), PositionPolicy.Auto);

        Assert.Equal(golden.InputIds, prompt.InputIds);
        Assert.Equal(golden.InputIds.Length, prompt.NextPosition);
    }

    [Fact]
    public void Few_cases_are_left_out()
    {
        // Per folder 5 cases have no image and 2 have JPEGs; the one with a 4:2:0 JPEG may generate other ids.
        Assert.Equal(2 * FolderCases, Cases.Count);
        Assert.Equal(2 * (FolderCases - 7), FeatureCases.Count);
        Assert.Equal(2 * (FolderCases - 1), GeneratedCases.Count);
    }

    [Theory]
    [MemberData(nameof(FeatureCases))]
    public void Image_features_equal_those_of_GenAI(string folder, string name)
    {
        var golden = Golden.Load(folder, name);
        var values = Select(models[folder], golden).SelectMany(i => i.Image.Tokens.Embeddings.Values.ToArray()).ToArray();

        var features = golden.ImageFeatures;
        Assert.Equal(features.GetProperty("shape").EnumerateArray().Aggregate(1, (n, d) => n * d.GetInt32()), values.Length);
        var expected = features.GetProperty("sample").EnumerateArray().Select(v => v.GetDouble()).ToArray();
        var indices = Golden.Ints(features.GetProperty("sample_index"));
        Assert.NotEmpty(indices);
        for (var i = 0; i < indices.Length; i++)
        {
            Assert.Equal(expected[i], values[indices[i]], 1e-4);
        }

        Assert.Equal(features.GetProperty("mean_abs").GetDouble(), values.Average(v => Math.Abs((double)v)), 1e-4);
    }

    [Theory]
    [MemberData(nameof(GeneratedCases))]
    public void Greedy_ids_equal_those_of_GenAI(string folder, string name)
    {
        var golden = Golden.Load(folder, name);
        var model = models[folder];
        var images = Select(model, golden);
        var prompt = model.EncodeRendered(golden.Prompt, images, PositionPolicy.Auto);
        var expected = golden.GeneratedIds;

        var ids = Generate.Ids(model, prompt, images, expected.Length, Options(model, golden), golden.EosTokenIds(model.EosTokenIds));

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

    private static TheoryData<string, string> Where(Func<Golden, bool> condition) => new(
        from folder in new[] { "gemma3", "gemma3-rank3" }
        from name in Golden.Names(folder)
        where condition(Golden.Load(folder, name))
        select (folder, name));

    private static List<ImageSelection> Select(VisionLanguageModel model, Golden golden) =>
        [.. golden.Images.Select(i => ImageSelection.All(ZooModels.Encode(model, TestData.PathTo("zoo", "images", i))))];

    private static SamplingOptions Options(VisionLanguageModel model, Golden golden)
    {
        var options = model.DefaultSampling;
        foreach (var setting in golden.Search.EnumerateObject())
        {
            options = setting.Name switch
            {
                "repetition_penalty" => options with { RepetitionPenalty = setting.Value.GetSingle() },
                "no_repeat_ngram_size" => options with { NoRepeatNgramSize = setting.Value.GetInt32() },
                "min_length" => options with { MinLength = setting.Value.GetInt32() },
                _ => throw new InvalidDataException("The test does not know the search option " + setting.Name),
            };
        }

        return options;
    }
}
