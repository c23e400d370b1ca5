using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client;

/// <summary>Which execution provider runs which part of a folder.</summary>
public sealed class ProviderTests
{
    [Fact]
    public void The_CPU_takes_the_place_of_the_providers_in_all_sections()
    {
        GenAI.SkipIfAbsent();
        using var plain = DerivedFolder.GenAI("phi3v").Open(languageModel: new OnnxRuntimeGenAIBackend());
        using var moved = MadeForCuda().Open(languageModel: new OnnxRuntimeGenAIBackend("CPU"));
        var question = new ChatPrompt([new ChatTurn("user", [new TextPart("What is it?")])]);

        var expected = Answers.Choose(plain, plain.EncodePrompt(question, []), [], 12, new SamplingOptions(), out _);
        var ids = Answers.Choose(moved, moved.EncodePrompt(question, []), [], 12, new SamplingOptions(), out var languageModel);

        Assert.Equal("OnnxRuntimeGenAI", languageModel);
        Assert.Equal(expected, ids);
    }

    [Fact]
    public void A_folder_made_for_a_device_is_not_opened_where_the_device_is_missing()
    {
        GenAI.SkipIfAbsent();
        var folder = MadeForCuda();

        var exception = Assert.Throws<ModelFolderException>(() => folder.Open(languageModel: new OnnxRuntimeGenAIBackend()));

        Assert.Contains("cuda", exception.Message, StringComparison.OrdinalIgnoreCase);
        Assert.IsType<OnnxRuntimeGenAIException>(exception.InnerException);
    }

    [Fact]
    public void What_GenAI_cannot_move_to_a_device_is_refused_by_name()
    {
        GenAI.SkipIfAbsent();

        var exception = Assert.Throws<NotSupportedException>(
            () => DerivedFolder.GenAI("phi3v").Open(languageModel: new OnnxRuntimeGenAIBackend("cuda")));

        Assert.Contains("embedding.session_options", exception.Message, StringComparison.Ordinal);
        Assert.Contains("genai_config.json", exception.Message, StringComparison.Ordinal);
    }

    private static DerivedFolder MadeForCuda() => DerivedFolder.GenAI("phi3v").Edit("genai_config.json", c =>
    {
        foreach (var section in new[] { "decoder", "embedding", "vision" })
        {
            c["model"]![section]!["session_options"]!["provider_options"] = new JsonArray(new JsonObject { ["cuda"] = new JsonObject() });
        }
    });
}
