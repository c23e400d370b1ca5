using System.Text.Json;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Images;

/// <summary>The processor outputs that ONNX Runtime GenAI recorded for one case of a folder, and our own for the same pictures.</summary>
internal sealed class GenAiGolden
{
    private static readonly Dictionary<string, string[]> s_outputs = new(StringComparer.Ordinal)
    {
        ["fara"] = ["pixel_values", "image_grid_thw"],
        ["gemma3"] = ["pixel_values"],
        ["gemma3-rank3"] = ["pixel_values"],
        ["mistral3"] = ["pixel_values", "image_sizes"],
        ["phi3v"] = ["pixel_values", "image_sizes", "num_image_tokens"],
        ["phi3v-int4"] = ["pixel_values", "image_sizes", "num_image_tokens"],
        ["phi4mm"] = ["pixel_values", "image_sizes", "image_attention_mask", "num_image_tokens"],
        ["qwen2_5_vl"] = ["pixel_values", "image_grid_thw"],
        ["qwen2_5_vl-fp16"] = ["pixel_values", "image_grid_thw"],
        ["qwen3_vl"] = ["pixel_values", "image_grid_thw"],
    };

    private GenAiGolden(string folder, string name, JsonElement root)
    {
        Folder = folder;
        Name = name;
        Images = [.. root.GetProperty("images").EnumerateArray().Select(image => image.GetString()!)];
        Outputs = root.GetProperty("outputs").Clone();
    }

    public static IEnumerable<string> Folders => s_outputs.Keys;

    public string Folder { get; }

    public string Name { get; }

    public string[] Images { get; }

    public JsonElement Outputs { get; }

    public string[] OutputNames => s_outputs[Folder];

    public bool HasJpeg => Images.Any(image => image.EndsWith(".jpg", StringComparison.Ordinal));

    /// <summary>All cases with pictures and recorded outputs.</summary>
    public static IEnumerable<GenAiGolden> All() => Folders.SelectMany(folder => Directory
        .EnumerateFiles(TestData.PathTo("zoo", "genai", folder, "goldens"), "*.json")
        .Order(StringComparer.Ordinal)
        .Select(file => Read(folder, Path.GetFileNameWithoutExtension(file)))
        .Where(golden => golden is not null)
        .Select(golden => golden!));

    public static GenAiGolden? Read(string folder, string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("zoo", "genai", folder, "goldens", name + ".json")));
        var root = document.RootElement;
        var isComplete = root.TryGetProperty("images", out var images) && images.GetArrayLength() > 0
            && root.TryGetProperty("outputs", out var outputs) && outputs.TryGetProperty("pixel_values", out _);
        return isComplete ? new GenAiGolden(folder, name, root) : null;
    }

    public static ImageProcessor LoadProcessor(string folder)
    {
        var path = TestData.PathTo("zoo", "genai", folder, "processor_config.json");
        return ImageProcessor.Load(File.Exists(path) ? path : TestData.PathTo("zoo", "genai", folder, "vision_processor.json"));
    }

    /// <summary>Our outputs for all pictures of the case, by name.</summary>
    public Dictionary<string, ImageTensor> Process()
    {
        var outputs = LoadProcessor(Folder).ProcessTogether([.. Images.Select(ImageFiles.Decode)]);
        Assert.Equal(OutputNames.Length, outputs.Count);
        return OutputNames.Zip(outputs).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
    }
}
