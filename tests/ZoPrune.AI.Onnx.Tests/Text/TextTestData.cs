using System.Text.Json;
using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Text;

/// <summary>Folders and golden files that the tests of this folder share.</summary>
internal static class TextTestData
{
    public static string PocketVlm { get; } = Path.GetFullPath(TestData.PathTo("..", "..", "src", "ZoPrune.AI.PocketVlm", "model"));

    public static string Gemma3 { get; } = TestData.PathTo("zoo", "genai", "gemma3");

    /// <summary>The golden cases of both gemma3 folders.</summary>
    public static IEnumerable<(string Name, JsonElement Case)> GoldenCases()
    {
        foreach (var folder in new[] { "gemma3", "gemma3-rank3" })
        {
            var goldens = TestData.PathTo("zoo", "genai", folder, "goldens");
            foreach (var path in Directory.GetFiles(goldens, "*.json").Order(StringComparer.Ordinal))
            {
                yield return ($"{folder}/{Path.GetFileNameWithoutExtension(path)}", Read(path));
            }
        }
    }

    public static JsonElement TokenizerTable() => Read(TestData.PathTo("zoo", "genai", "gemma3", "goldens", "tables", "tokenizer.json"));

    public static JsonElement Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }

    /// <summary>Ids in which <c>[id, n]</c> stands for n times the id.</summary>
    public static int[] Ids(JsonElement ids) =>
        [.. ids.EnumerateArray().SelectMany(id => id.ValueKind == JsonValueKind.Array
            ? Enumerable.Repeat(id[0].GetInt32(), id[1].GetInt32())
            : [id.GetInt32()])];

    public static string TextOf(IEnumerable<PromptSegment> segments) => string.Concat(segments.Select(segment => segment.Text));

    /// <summary>Renders recorded messages: as a prompt where its turns can say the same, else from the very JSON.</summary>
    public static IReadOnlyList<PromptSegment> Render(ChatTemplate template, JsonElement messages, ChatTemplateVariables variables)
    {
        var turns = messages.EnumerateArray().ToList();
        bool IsList(JsonElement turn) => turn.GetProperty("content").ValueKind == JsonValueKind.Array;
        bool HasImage(JsonElement turn) => IsList(turn)
            && turn.GetProperty("content").EnumerateArray().Any(item => item.GetProperty("type").GetString() == "image");
        ContentForm? form = turns.All(turn => IsList(turn) == HasImage(turn)) ? ContentForm.Auto
            : turns.All(IsList) ? ContentForm.List
            : null;
        if (form is not null)
        {
            return template.Render(PromptOf(messages), variables with { ContentForm = form.Value });
        }

        var values = new Dictionary<string, JsonNode?>
        {
            ["messages"] = JsonNode.Parse(messages.GetRawText()),
            ["add_generation_prompt"] = variables.AddGenerationPrompt,
            ["bos_token"] = variables.BosToken,
            ["eos_token"] = variables.EosToken,
        };
        return template.Render(values, isUser: true, DateTimeOffset.UnixEpoch);
    }

    public static ChatPrompt PromptOf(JsonElement messages) => new([.. messages.EnumerateArray().Select(message =>
    {
        var content = message.GetProperty("content");
        var index = 0;
        List<ChatPart> parts = content.ValueKind == JsonValueKind.String
            ? [new TextPart(content.GetString()!)]
            : [.. content.EnumerateArray().Select(item => item.GetProperty("type").GetString() == "image"
                ? (ChatPart)new ImagePart(index++)
                : new TextPart(item.GetProperty("text").GetString()!))];
        return new ChatTurn(message.GetProperty("role").GetString()!, parts);
    })]);
}
