using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Generation;

/// <summary>What GenAI draws itself, by the options that it was told, is what our sampler draws from its own model's logits.</summary>
public sealed class SamplingTests(GenAIModels models, ZooModels own) : IClassFixture<GenAIModels>, IClassFixture<ZooModels>
{
    public static TheoryData<string> Folders { get; } = ["gemma3", "phi3v", "phi4mm", "mistral3", ModelFolders.PocketVlm];

    private static readonly SamplingOptions[] Settings =
    [
        new() { DoSample = true, TopK = 50 },
        new() { DoSample = true, TopK = 8, Temperature = 0.7f },
        new() { DoSample = true, TopK = 0, TopP = 0.9f },
        new() { DoSample = true, TopK = 40, TopP = 0.8f, Temperature = 1.3f },
        new() { DoSample = true, TopK = 1_000_000, Temperature = 2 },
        new() { DoSample = true, TopK = 20, RepetitionPenalty = 1.3f },
        new() { RepetitionPenalty = 1.2f, NoRepeatNgramSize = 2 },
        new() { TopK = 1, DoSample = true, MinLength = 60 },
        new() { Temperature = 0, DoSample = true },
    ];

    [Theory]
    [MemberData(nameof(Folders))]
    public void Equal_seeds_give_equal_answers(string folder)
    {
        GenAI.SkipIfAbsent();
        var (expecting, model) = folder == ModelFolders.PocketVlm ? (own.PocketVlm, models.PocketVlm) : (own[folder], models[folder]);
        var image = ImageSelection.All(ZooModels.Encode(expecting, TestData.PathTo("zoo", "images", "square56.png")));
        var question = new ChatPrompt([new ChatTurn("user", [new ImagePart(0), new TextPart("What is it?")])]);
        var expectedPrompt = expecting.EncodePrompt(question, [image], PositionPolicy.Compact);
        var prompt = model.EncodePrompt(question, [image]);
        var different = 0;
        foreach (var settings in Settings)
        {
            foreach (var seed in new[] { 0, 1, 12345, int.MaxValue })
            {
                var sampling = settings with { Seed = seed };

                var expected = Answers.Choose(expecting, expectedPrompt, [image], 24, sampling, out _);
                var ids = Answers.Choose(model, prompt, [image], 24, sampling, out _);

                Assert.Equal(expected, ids);
                different += settings.DoSample && !ids.SequenceEqual(Answers.Choose(model, prompt, [image], 24, sampling with { Seed = 7 }, out _)) ? 1 : 0;
            }
        }

        // The seed does something.
        Assert.True(different > 6, $"{different} answers depended on the seed");
    }
}
