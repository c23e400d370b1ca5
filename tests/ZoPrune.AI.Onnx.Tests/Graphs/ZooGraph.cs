using System.Text.Json;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Graphs;

/// <summary>A vision graph of the zoo with what is recorded of its projector.</summary>
internal sealed class ZooGraph
{
    private ZooGraph(string file, string output, JsonElement truth)
    {
        Graph = OnnxGraph.Read(file);
        Projector = ProjectorFinder.Find(Graph, output)!;
        Truth = truth;
    }

    /// <summary>Folder and variant of each recorded transformers.js graph.</summary>
    public static TheoryData<string, string> HuggingFace { get; } = ListHuggingFace();

    /// <summary>Folder of each recorded GenAI graph.</summary>
    public static TheoryData<string> GenAI { get; } =
    [
        .. Directory.GetDirectories(TestData.PathTo("zoo", "genai")).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal),
    ];

    public OnnxGraph Graph { get; }

    public Projector Projector { get; }

    public JsonElement Truth { get; }

    public static ZooGraph LoadHuggingFace(string folder, string variant)
    {
        using var truth = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("zoo", "hf", folder, "truth.json")));
        var recorded = truth.RootElement.GetProperty(variant).Clone();
        return new ZooGraph(TestData.PathTo("zoo", "hf", folder, "onnx", variant + ".onnx"), recorded.GetProperty("graph_output").GetString()!, recorded);
    }

    public static ZooGraph LoadGenAI(string folder)
    {
        using var truth = JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("zoo", "genai", folder, "goldens", "tables", "projector.json")));
        return new ZooGraph(TestData.PathTo("zoo", "genai", folder, "vision.onnx"), "image_features", truth.RootElement.Clone());
    }

    public static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetString()!)];

    public static long[] Longs(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetInt64())];

    private static TheoryData<string, string> ListHuggingFace()
    {
        var all = new TheoryData<string, string>();
        foreach (var file in Directory.GetFiles(TestData.PathTo("zoo", "hf"), "truth.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var truth = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var variant in truth.RootElement.EnumerateObject().Where(v => v.Value.ValueKind == JsonValueKind.Object && v.Value.TryGetProperty("projector_input", out _)))
            {
                all.Add(Path.GetFileName(Path.GetDirectoryName(file))!, variant.Name);
            }
        }

        return all;
    }
}
