using System.Text.Json;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>One recorded case of the zoo: what Hugging Face transformers makes of a conversation.</summary>
internal sealed class HuggingFaceGolden(string folder, JsonElement root)
{
    public static IReadOnlyList<string> Folders { get; } =
        ["gemma3", "idefics3", "llava", "llava_onevision", "paligemma", "qwen2_5_vl", "qwen2_vl"];

    public string Folder => folder;

    public string Name => root.GetProperty("name").GetString()!;

    public string Rendered => root.GetProperty("rendered").GetString()!;

    public int[] InputIds => Golden.Ints(root.GetProperty("input_ids"));

    public int[] Greedy => Golden.Ints(root.GetProperty("greedy_hf"));

    public bool HasFeatures => root.TryGetProperty("image_features", out _);

    public JsonElement Features => root.GetProperty("image_features");

    public IReadOnlyList<string> Images => root.TryGetProperty("images", out var images)
        ? [.. images.EnumerateArray().Select(i => i.GetString()!)]
        : [];

    /// <summary>Null where the folder decides; cases say so where they differ from it.</summary>
    public bool? SplitImages => root.TryGetProperty("do_image_splitting", out var splitting) ? splitting.GetBoolean()
        : root.TryGetProperty("mode", out var mode) && mode.GetString() == "single_tile" ? false
        : null;

    /// <summary>The positions of all tokens, axis by axis, and of the first one that is generated.</summary>
    public (long[] Positions, long Next) Positions
    {
        get
        {
            if (root.TryGetProperty("position_ids", out var axes))
            {
                long[] positions = [.. axes.EnumerateArray().SelectMany(a => a.EnumerateArray().Select(p => p.GetInt64()))];
                return (positions, InputIds.Length + root.GetProperty("rope_delta").GetInt64());
            }

            var start = root.GetProperty("position_ids_start").GetInt64();
            return ([.. InputIds.Select((_, i) => start + i)], root.GetProperty("next_position").GetInt64());
        }
    }

    public ChatPrompt Prompt
    {
        get
        {
            var image = 0;
            return new ChatPrompt(
            [
                .. root.GetProperty("messages").EnumerateArray().Select(m => new ChatTurn(
                    m.GetProperty("role").GetString()!,
                    [
                        .. m.GetProperty("content").EnumerateArray().Select(ChatPart (i) => i.GetProperty("type").GetString() == "image"
                            ? new ImagePart(image++)
                            : new TextPart(i.GetProperty("text").GetString()!)),
                    ])),
            ]);
        }
    }

    public static IEnumerable<HuggingFaceGolden> All(string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("zoo", "hf", folder, "goldens.json")));
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(c => new HuggingFaceGolden(folder, c.Clone()))];
    }

    public static HuggingFaceGolden Load(string folder, string name) => All(folder).Single(g => g.Name == name);
}
