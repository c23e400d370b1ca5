using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Generation;

/// <summary>Unpruned, GenAI answers from our rows as it did from its own: every recorded case of the zoo.</summary>
public sealed class ZooGenerationTests(GenAIModels models) : IClassFixture<GenAIModels>
{
    /// <summary>Not those with another end of sequence than the folder's: GenAI knows the folder's only.</summary>
    public static TheoryData<string, string> Cases { get; } = GoldenCases.Where(g => GoldenCases.HasCertainIds(g) && !g.ChangesEnd);

    public static TheoryData<string, string> OtherEndCases { get; } = GoldenCases.Where(g => GoldenCases.HasCertainIds(g) && g.ChangesEnd);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Its_own_choice_is_what_was_recorded(string folder, string name)
    {
        GenAI.SkipIfAbsent();
        var golden = Golden.Load(folder, name);
        var model = models[folder];
        var images = GoldenCases.Select(model, golden);
        var prompt = model.EncodeRendered(golden.Prompt, images, PositionPolicy.Auto);
        Assert.Equal(golden.InputIds, prompt.InputIds);

        var ids = Answers.Choose(
            model, prompt, images, golden.GeneratedIds.Length, GoldenCases.SamplingOf(model, golden), out var languageModel);

        Assert.Equal("OnnxRuntimeGenAI", languageModel);
        Assert.Equal(golden.GeneratedIds, ids);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    [MemberData(nameof(OtherEndCases))]
    public void Our_choice_from_its_logits_is_what_was_recorded(string folder, string name)
    {
        GenAI.SkipIfAbsent();
        var golden = Golden.Load(folder, name);
        var model = models[folder];
        var images = GoldenCases.Select(model, golden);
        var prompt = model.EncodeRendered(golden.Prompt, images, PositionPolicy.Auto);

        var ids = Generate.Ids(
            model, prompt, images, golden.GeneratedIds.Length, GoldenCases.SamplingOf(model, golden), golden.EosTokenIds(model.EosTokenIds));

        Assert.Equal(golden.GeneratedIds, ids);
    }
}
