using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Tests.Graphs;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>A copy of a folder of the zoo with changes: the folder of a family that the zoo does not have.</summary>
internal sealed class DerivedFolder
{
    private DerivedFolder(string path) => FullPath = path;

    public string FullPath { get; }

    public static DerivedFolder GenAI(string name) => new(ZooModels.Copy(TestData.PathTo("zoo", "genai", name)));

    public static DerivedFolder HuggingFace(string name) => new(ZooModels.Copy(TestData.PathTo("zoo", "hf", name)));

    /// <summary>Changes a JSON file.</summary>
    public DerivedFolder Edit(string file, Action<JsonObject> change)
    {
        var root = JsonNode.Parse(File.ReadAllText(At(file)))!.AsObject();
        change(root);
        File.WriteAllText(At(file), root.ToJsonString());
        return this;
    }

    /// <summary>Changes texts in all descriptions; all at once, so that a new text may hold an old one.</summary>
    public DerivedFolder Replace(params (string From, string To)[] texts)
    {
        foreach (var file in Directory.EnumerateFiles(FullPath, "*.json").Concat(Directory.EnumerateFiles(FullPath, "*.jinja")))
        {
            var text = File.ReadAllText(file);
            foreach (var ((from, _), i) in texts.Select((t, i) => (t, i)))
            {
                text = text.Replace(from, $"\u0001{i}\u0002", StringComparison.Ordinal);
            }

            foreach (var ((_, to), i) in texts.Select((t, i) => (t, i)))
            {
                text = text.Replace($"\u0001{i}\u0002", to, StringComparison.Ordinal);
            }

            File.WriteAllText(file, text);
        }

        return this;
    }

    /// <summary>Changes a graph.</summary>
    public DerivedFolder Graph(string file, Action<TinyGraph> change)
    {
        var graph = TinyGraph.Open(At(file));
        change(graph);
        graph.Write(At(file));
        return this;
    }

    /// <summary>Puts a graph in the place of another.</summary>
    public DerivedFolder Put(string file, TinyGraph graph)
    {
        graph.Write(At(file));
        return this;
    }

    public DerivedFolder Write(string file, string text)
    {
        File.WriteAllText(At(file), text);
        return this;
    }

    public DerivedFolder Delete(params string[] files)
    {
        foreach (var file in files)
        {
            File.Delete(At(file));
        }

        return this;
    }

    public VisionLanguageModel Open(bool? splitImages = null, GraphVariants? variants = null, LanguageModelBackend? languageModel = null) =>
        VisionLanguageModel.Load(
            FullPath, new VisionLanguageModelOptions { SplitImages = splitImages, Variants = variants, LanguageModel = languageModel });

    private string At(string file) => Path.Combine(FullPath, file);
}
