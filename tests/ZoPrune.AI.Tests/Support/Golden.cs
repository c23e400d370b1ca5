using System.Text.Json;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Tests.Support;

/// <summary>What ONNX Runtime GenAI answered to a question about a picture of the evaluation set, unpruned and greedily.</summary>
public sealed record Golden(string Image, string Question, int PromptLength, IReadOnlyList<int> Ids, string Text)
{
    private static readonly Lazy<IReadOnlyList<Golden>> Answers = new(Read);

    public static IReadOnlyList<Golden> All => Answers.Value;

    public static Golden First => All[0];

    /// <summary>The longest answer of all: many decoder steps.</summary>
    public static Golden Longest => All.MaxBy(g => g.Ids.Count)!;

    public static byte[] ReadImage(string image) => File.ReadAllBytes(TestData.PathTo("pocket-vlm", "eval", image));

    public DataContent ToImage() => new(ReadImage(Image), "image/png");

    public ChatMessage ToMessage() => new(ChatRole.User, [ToImage(), new TextContent(Question)]);

    private static Golden[] Read()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("pocket-vlm", "goldens.json")));
        return [.. json.RootElement.GetProperty("answers").EnumerateArray().Select(a => new Golden(
            a.GetProperty("image").GetString()!,
            a.GetProperty("question").GetString()!,
            a.GetProperty("prompt_length").GetInt32(),
            [.. a.GetProperty("ids").EnumerateArray().Select(i => i.GetInt32())],
            a.GetProperty("text").GetString()!))];
    }
}
