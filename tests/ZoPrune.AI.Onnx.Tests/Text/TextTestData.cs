using System.Text.Json;
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
}
