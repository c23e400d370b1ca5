using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>Which recorded cases of the zoo can be demanded, and what they need to be run again.</summary>
internal static class GoldenCases
{
    /// <summary>A 4:2:0 JPEG: the zoo's README says that features and ids need not agree, because decoders differ in chroma.</summary>
    private const string SubsampledJpeg = "photo160x120.jpg";

    public static TheoryData<string, string> Where(Func<Golden, bool> condition, bool refused = false) => new(
        from folder in Golden.Folders
        from name in Golden.Names(folder)
        let golden = Golden.Load(folder, name)
        where golden.IsRefused == refused && condition(golden)
        select (folder, name));

    /// <summary>Whether the recorded ids can be demanded: the margin is above twice the tolerance of logits.</summary>
    public static bool HasCertainIds(Golden golden) =>
        golden.HasGeneratedIds && !golden.Images.Contains(SubsampledJpeg) && golden.MinMargin >= 2 * ToleranceOf(golden.Folder);

    /// <summary>The zoo's tolerance of features and logits.</summary>
    public static double ToleranceOf(string folder) => folder switch
    {
        "qwen2_5_vl-fp16" => 0.05,
        "phi3v-int4" => 1e-3,
        _ => 1e-4,
    };

    /// <summary>The pictures of a case, with all of their visual tokens.</summary>
    public static List<ImageSelection> Select(VisionLanguageModel model, Golden golden) =>
        [.. golden.Images.Select(i => ImageSelection.All(ZooModels.Encode(model, TestData.PathTo("zoo", "images", i), golden.Images.Count)))];

    /// <summary>How the case chooses tokens.</summary>
    public static SamplingOptions SamplingOf(VisionLanguageModel model, Golden golden)
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
