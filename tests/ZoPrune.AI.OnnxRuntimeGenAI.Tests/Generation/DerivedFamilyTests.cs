using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Generation;

/// <summary>Families that the zoo has no folder of: GenAI opens folders made of other ones and says what our own sessions say.</summary>
public sealed class DerivedFamilyTests
{
    [Theory]
    [InlineData("gemma4", 1)]
    [InlineData("gemma4", 2)]
    [InlineData("videochat_flash_qwen", 1)]
    [InlineData("qwen3_5", 1)]
    [InlineData("qwen3_5", 2)]
    public void Answers_are_those_of_our_own_sessions(string type, int pictures)
    {
        GenAI.SkipIfAbsent();
        var folder = type switch
        {
            "gemma4" => DerivedFamilies.Gemma4(),
            "videochat_flash_qwen" => DerivedFamilies.VideoChat(),
            _ => DerivedFolder.GenAI("qwen3_vl").Edit("genai_config.json", c => c["model"]!["type"] = type),
        };
        using var own = folder.Open();
        using var model = folder.Open(languageModel: new OnnxRuntimeGenAIBackend());
        var files = new[] { "wide120x60.png", "square56.png" }.Take(pictures);
        VisualTokens[] encoded = [.. files.Select(f => ZooModels.Encode(own, TestData.PathTo("zoo", "images", f), pictures))];
        ImageSelection[] whole = [.. encoded.Select(ImageSelection.All)];
        AssertSame(own, model, whole);
        if (type != "qwen3_5")
        {
            AssertSame(own, model, [.. encoded.Select((image, i) => new ImageSelection(image, [.. Enumerable.Range(0, image.Count).Where(r => r % (3 + i) == 1)]))]);
        }
    }

    private static void AssertSame(VisionLanguageModel own, VisionLanguageModel model, ImageSelection[] images)
    {
        ChatPrompt question = new([new ChatTurn("user", [.. images.Select((_, i) => new ImagePart(i)), new TextPart("What is it?")])]);
        var sampling = new SamplingOptions();
        var expectedPrompt = own.EncodePrompt(question, images, own.SupportsOriginalPositions ? PositionPolicy.Auto : PositionPolicy.Compact);
        var prompt = model.EncodePrompt(question, images);
        if (prompt.VisualTokens > prompt.VisualTokensKept)
        {
            expectedPrompt = own.EncodePrompt(question, images, PositionPolicy.Compact);
        }

        var expected = Answers.Choose(own, expectedPrompt, images, 24, sampling, out _);
        var ids = Answers.Choose(model, prompt, images, 24, sampling, out var languageModel);

        Assert.Equal("OnnxRuntimeGenAI", languageModel);
        Assert.Equal(expected, ids);
    }
}
