using System.Text.Json;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>A question about a picture of the bundled model's evaluation set, with what others answered.</summary>
/// <param name="Picture">The picture, a file below the evaluation set.</param>
/// <param name="Question">The question.</param>
/// <param name="Recorded">The record.</param>
internal sealed record PocketVlmAnswer(string Picture, string Question, JsonElement Recorded)
{
    /// <summary>What ONNX Runtime GenAI 0.18 answered, unpruned: 700 questions, picture by picture.</summary>
    public static IEnumerable<PocketVlmAnswer> Unpruned => Read("goldens.json").GetProperty("answers").EnumerateArray()
        .Select(a => new PocketVlmAnswer(a.GetProperty("image").GetString()!, a.GetProperty("question").GetString()!, a));

    /// <summary>The pictures whose selection a reference in PyTorch made: 40.</summary>
    public static IEnumerable<JsonElement> Pruned => Read("pruned.json").GetProperty("images").EnumerateArray();

    public ChatPrompt Prompt => new([new ChatTurn("user", [new ImagePart(0), new TextPart(Question)])]);

    /// <summary>What the reference answered about a picture with its picks alone.</summary>
    public static IEnumerable<PocketVlmAnswer> AnswersOf(JsonElement pruned) => pruned.GetProperty("answers").EnumerateArray()
        .Select(a => new PocketVlmAnswer(pruned.GetProperty("image").GetString()!, a.GetProperty("question").GetString()!, a));

    public static VisualTokens Encode(VisionLanguageModel model, string picture) =>
        ZooModels.Encode(model, TestData.PathTo("pocket-vlm", "eval", picture));

    private static JsonElement Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("pocket-vlm", file)));
        return document.RootElement.Clone();
    }
}
