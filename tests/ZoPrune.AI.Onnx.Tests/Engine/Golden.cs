using System.Text.Json;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>One recorded case of the zoo: what ONNX Runtime GenAI 0.18 makes of a prompt and pictures.</summary>
internal sealed class Golden
{
    private readonly JsonElement _root;

    private Golden(string folder, string name, JsonElement root)
    {
        Folder = folder;
        Name = name;
        _root = root;
    }

    /// <summary>The folders of the zoo in GenAI's layout.</summary>
    public static IReadOnlyList<string> Folders { get; } =
        ["fara", "gemma3", "gemma3-rank3", "mistral3", "phi3v", "phi3v-int4", "phi4mm", "qwen2_5_vl", "qwen2_5_vl-fp16", "qwen3_vl"];

    public string Folder { get; }

    public string Name { get; }

    public string FolderPath => TestData.PathTo("zoo", "genai", Folder);

    public string Prompt => _root.GetProperty("prompt").GetString()!;

    public IReadOnlyList<string> Images => [.. _root.GetProperty("images").EnumerateArray().Select(i => i.GetString()!)];

    public bool HasJpeg => _root.TryGetProperty("jpeg", out var jpeg) && jpeg.GetBoolean();

    /// <summary>Whether GenAI's processor refuses the prompt.</summary>
    public bool IsRefused => _root.TryGetProperty("processor_error", out _);

    /// <summary>What the prompt was rendered from; <c>null</c> if it was given as it is.</summary>
    public JsonElement? Messages => _root.TryGetProperty("messages", out var messages) ? messages : null;

    public bool HasStructuralRows => _root.TryGetProperty("structural_rows", out _);

    public JsonElement StructuralRows => _root.GetProperty("structural_rows");

    public int[] InputIds => ExpandRuns(_root.GetProperty("input_ids"));

    /// <summary>What GenAI generates; where GenAI fails, what the graphs give when they are driven correctly.</summary>
    public int[] GeneratedIds => Ints(_root.TryGetProperty("generated_ids", out var ids) ? ids : _root.GetProperty("plain_ort_generated_ids"));

    public bool HasGeneratedIds => _root.TryGetProperty("generated_ids", out _) || _root.TryGetProperty("plain_ort_generated_ids", out _);

    public double MinMargin =>
        _root.TryGetProperty("min_margin", out var margin) ? margin.GetDouble() : _root.GetProperty("plain_ort_min_margin").GetDouble();

    public JsonElement Search => _root.GetProperty("search");

    public JsonElement ImageFeatures => _root.GetProperty("image_features");

    public bool HasImageFeatures => _root.TryGetProperty("image_features", out _);

    /// <summary>Whether other ids end an answer than the folder says.</summary>
    public bool ChangesEnd => _root.TryGetProperty("config_overlay", out _);

    public int[] EosTokenIds(IReadOnlyList<int> ofFolder) =>
        _root.TryGetProperty("config_overlay", out var overlay)
        && overlay.TryGetProperty("model", out var model)
        && model.TryGetProperty("eos_token_id", out var eos)
            ? [eos.GetInt32()]
            : [.. ofFolder];

    public static Golden Load(string folder, string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("zoo", "genai", folder, "goldens", name + ".json")));
        return new Golden(folder, name, document.RootElement.Clone());
    }

    public static IEnumerable<string> Names(string folder) =>
        Directory.EnumerateFiles(TestData.PathTo("zoo", "genai", folder, "goldens"), "*.json")
            .Select(f => Path.GetFileNameWithoutExtension(f)!)
            .Order(StringComparer.Ordinal);

    public static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(i => i.GetInt32())];

    private static int[] ExpandRuns(JsonElement ids) =>
        [.. ids.EnumerateArray().SelectMany(i => i.ValueKind == JsonValueKind.Array
            ? Enumerable.Repeat(i[0].GetInt32(), i[1].GetInt32())
            : [i.GetInt32()])];
}
