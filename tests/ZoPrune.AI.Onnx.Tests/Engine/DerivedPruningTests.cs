using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Pruning;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>Pruning and several images on the folders that stand for families without one in the zoo.</summary>
public sealed class DerivedPruningTests
{
    /// <summary>The types, as the README's table names them.</summary>
    public static TheoryData<string> Types { get; } =
    [
        "genai/gemma4", "genai/qwen3_5", "genai/qwen3_5_moe", "genai/videochat_flash_qwen",
        "hf/fast_vlm", "hf/internvl", "hf/internvl_chat", "hf/llava_next", "hf/llava_qwen2", "hf/moondream1", "hf/smolvlm",
    ];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_quarter_of_two_images_is_kept_and_answered_about(string type)
    {
        using var model = Derive(type).Open();
        var isGenAI = type.StartsWith("genai/", StringComparison.Ordinal);
        var pictures = isGenAI ? new[] { "wide120x60.png", "square56.png" } : ["photo128x96.png", "square64.png"];
        var encoded = pictures
            .Select(p => ZooModels.Encode(model, TestData.PathTo("zoo", isGenAI ? "images" : "hf/images", p), pictures.Length))
            .ToArray();
        var pruner = new TokenPruner(model.CreateEstimator(), new SadsSelector(), new TokenBudget { KeepRatio = 0.25, PerCrop = true });
        ImageSelection[] kept = [.. encoded.Select(e => new ImageSelection(e, pruner.Prune(e.Tokens, TestContext.Current.CancellationToken).Kept))];
        var question = new ChatPrompt([new ChatTurn("user", [new ImagePart(0), new ImagePart(1), new TextPart("Which one?")])]);

        var whole = model.EncodePrompt(question, [.. encoded.Select(ImageSelection.All)]);
        var prompt = model.EncodePrompt(question, kept);

        Assert.Equal(encoded.Sum(e => e.Count), whole.VisualTokens);
        foreach (var (image, selection) in encoded.Zip(kept))
        {
            var structural = image.Tokens.Structural.Count;
            Assert.Equal((int)Math.Round(0.25 * (image.Count - structural), MidpointRounding.ToEven) + structural, selection.Kept.Count);
        }

        Assert.Equal(whole.Length - encoded.Sum(e => e.Count) + kept.Sum(k => k.Kept.Count), prompt.Length);
        Assert.Equal(3, Generate.Ids(model, prompt, kept, 3, Generate.Greedy, Generate.NoEnd).Count);
    }

    private static DerivedFolder Derive(string type) => type switch
    {
        "genai/gemma4" => DerivedFamilies.Gemma4(),
        "genai/videochat_flash_qwen" => DerivedFamilies.VideoChat(),
        "genai/qwen3_5" or "genai/qwen3_5_moe" =>
            DerivedFolder.GenAI("qwen3_vl").Edit("genai_config.json", c => c["model"]!["type"] = type[6..]),
        "hf/internvl" or "hf/internvl_chat" =>
            HuggingFaceFamilyTests.InternVl("GotOcr2ImageProcessor").Edit("config.json", c => c["model_type"] = type[3..]),
        "hf/llava_next" => HuggingFaceFamilyTests.LlavaNext(),
        "hf/smolvlm" => DerivedFolder.HuggingFace("idefics3").Edit("config.json", c => c["model_type"] = "smolvlm"),
        _ => DerivedFolder.HuggingFace("llava").Edit("config.json", c =>
        {
            HuggingFaceFamilyTests.LiftTextConfig(c, type == "hf/moondream1" ? "phi_config" : null);
            c["model_type"] = type[3..];
        }),
    };
}
