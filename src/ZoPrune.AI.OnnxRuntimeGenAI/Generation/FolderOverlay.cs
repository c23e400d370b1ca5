using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Generation;

/// <summary>
/// What is laid over a folder's description: a graph that passes features through in place of the vision graph (genai-model-folder
/// specification 10).
/// </summary>
internal static class FolderOverlay
{
    /// <summary>The name of the graph. No file of the folder has it; GenAI looks among the data that it was given first.</summary>
    public const string VisionFile = "zoprune-pass-through.onnx";

    /// <summary>The name of the graph's input. None of GenAI's own: what it knows by name it reads meaning into.</summary>
    public const string FeaturesInput = "zoprune_image_features";

    private const string Cpu = "cpu";

    /// <summary>The sections that GenAI opens with options of their own where they have some, else with the decoder's.</summary>
    private static readonly string[] SideSections = ["embedding", "vision", "speech"];

    /// <summary>The types whose models may hear; GenAI opens them only if both or neither of two speech settings are there.</summary>
    private static readonly string[] HearingTypes = ["phi4mm", "gemma4"];

    /// <param name="folder">The folder.</param>
    /// <param name="threads">Threads inside one operation of the decoder; <see langword="null"/>: as the folder says. The other graphs
    /// only look up and pass through.</param>
    /// <param name="provider">The execution provider in place of the folder's; <see langword="null"/>: the folder's.</param>
    public static string Create(ModelFolder folder, int? threads, string? provider)
    {
        var model = new JsonObject { ["vision"] = new JsonObject { ["filename"] = VisionFile } };
        var speech = folder.Config.Section("speech");
        if (HearingTypes.Contains(folder.Type, StringComparer.Ordinal) && string.IsNullOrEmpty(speech.String("filename")))
        {
            // The other setting has a default: without this a folder that says nothing of speech cannot be opened.
            model["speech"] = new JsonObject { ["config_filename"] = "" };
        }

        if (threads is { } count)
        {
            model["decoder"] = new JsonObject { ["session_options"] = new JsonObject { ["intra_op_num_threads"] = count } };
        }

        foreach (var name in SideSections.Where(name => provider is not null && IsCpu(provider) && ProviderOf(folder, name) is not null))
        {
            // To lay anything over such a section empties it first; what is left is the CPU.
            var section = model[name] as JsonObject ?? [];
            section["session_options"] = new JsonObject();
            model[name] = section;
        }

        return new JsonObject { ["model"] = model }.ToJsonString();
    }

    /// <summary>Whether a provider is the CPU, which is what is left where none is named.</summary>
    public static bool IsCpu(string provider) => provider.Equals(Cpu, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// A section with options of its own that another provider than the given one runs: GenAI has no way to change that, but for taking it
    /// away.
    /// </summary>
    /// <returns>The section, or <see langword="null"/> if there is none.</returns>
    public static string? FindOtherProvider(ModelFolder folder, string provider) => IsCpu(provider)
        ? null
        : SideSections.FirstOrDefault(name =>
            OptionsOf(folder, name).Exists && !string.Equals(ProviderOf(folder, name) ?? Cpu, provider, StringComparison.OrdinalIgnoreCase));

    /// <summary>The graph: what the embedding graph takes, it takes and gives.</summary>
    public static byte[] CreateVisionGraph(ModelParts parts)
    {
        var features = parts.Language.Embedding.Features!;
        return PassThroughGraph.Create(
            FeaturesInput,
            parts.Folder.Vision.Output("image_features"),
            features.ElementType,
            features.Rank ?? 2,
            parts.Language.Embedding.Width);
    }

    private static JsonConfig OptionsOf(ModelFolder folder, string section) => folder.Config.Section(section).Section("session_options");

    /// <summary>The first provider that a section names; <see langword="null"/>: none, so the CPU.</summary>
    private static string? ProviderOf(ModelFolder folder, string section) =>
        OptionsOf(folder, section).NamesIn("provider_options") is [var first, ..] ? first : null;
}
