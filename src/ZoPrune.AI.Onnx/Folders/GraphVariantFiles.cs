namespace ZoPrune.AI.Onnx.Folders;

/// <summary>Chooses among the precisions of a graph that lie side by side (hf-onnx-vlm-folder specification 0.1, 0.5).</summary>
internal sealed class GraphVariantFiles(string folder, string configFile, JsonConfig config)
{
    // Full precision first: it gives the recorded tokens. What follows is the order of the specification for CPUs; float16 comes last,
    // because most of its kernels are missing there.
    public static readonly string[] VisionOrder = ["", "_quantized", "_uint8", "_q4", "_bnb4", "_int8", "_fp16", "_q4f16"];
    public static readonly string[] EmbeddingOrder = ["", "_quantized", "_uint8", "_int8", "_fp16", "_q4", "_bnb4", "_q4f16"];
    public static readonly string[] DecoderOrder = ["", "_q4", "_quantized", "_uint8", "_int8", "_bnb4", "_fp16", "_q4f16"];

    /// <summary>Variants that are listed.</summary>
    private const int MostVariants = 40;

    /// <summary>The file of a graph, whether it exists or not.</summary>
    /// <param name="graph">Its base name.</param>
    /// <param name="wanted">The variant that the user asks for.</param>
    /// <param name="order">Suffixes, the best first.</param>
    /// <exception cref="ModelFolderException"><paramref name="wanted"/> is no part of a file name.</exception>
    public GraphVariantFile Find(string graph, string? wanted, IReadOnlyList<string> order)
    {
        var present = Present(graph);
        if (wanted is not null)
        {
            return IsSuffix(wanted)
                ? new GraphVariantFile(
                    PathOf(graph, SuffixOf(wanted)),
                    $"the variant '{wanted}' of {graph} is asked for, and there are {(present.Count == 0 ? "none" : string.Join(", ", present))}",
                    present)
                : throw new ModelFolderException(folder, $"the variant '{wanted}' of {graph} is asked for; a variant is a part of a file name, such as fp16.");
        }

        // A file that is not there is passed over: descriptions outlive what was not downloaded.
        if (Configured(graph) is { } configured)
        {
            if (!IsSuffix(configured))
            {
                throw new ModelFolderException(
                    configFile, $"transformers.js_config.dtype names the variant '{configured}' of {graph}; a variant is a part of a file name, such as fp16.");
            }

            if (File.Exists(PathOf(graph, SuffixOf(configured))))
            {
                return new GraphVariantFile(PathOf(graph, SuffixOf(configured)), "transformers.js_config.dtype of config.json names it", present);
            }
        }

        var best = order.FirstOrDefault(suffix => File.Exists(PathOf(graph, suffix))) ?? "";
        return new GraphVariantFile(
            PathOf(graph, best),
            $"nor is there another precision of it. A transformers.js folder of a vision-language model holds vision_encoder, embed_tokens and decoder_model_merged in a folder {TransformersJsFolder.GraphFolder}",
            present);
    }

    private static bool IsSuffix(string variant) => !variant.AsSpan().ContainsAny('/', '\\', '\0') && ConfinedPath.Holds(variant);

    private static string SuffixOf(string variant) => variant switch
    {
        "fp32" or "" => "",
        "q8" => "_quantized",
        _ => "_" + variant,
    };

    private string PathOf(string graph, string suffix) =>
        Path.Combine(folder, TransformersJsFolder.GraphFolder, graph + suffix + ".onnx");

    /// <summary><c>transformers.js_config.dtype</c>: one name, or one a graph.</summary>
    private string? Configured(string graph) =>
        config.Is("dtype", System.Text.Json.JsonValueKind.Object) ? config.Section("dtype").String(graph)
        : config.Is("dtype", System.Text.Json.JsonValueKind.String) ? config.String("dtype")
        : null;

    private IReadOnlyList<string> Present(string graph)
    {
        var graphs = Path.Combine(folder, TransformersJsFolder.GraphFolder);
        return Directory.Exists(graphs)
            ? [.. Directory.EnumerateFiles(graphs, graph + "*.onnx").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal).Take(MostVariants)]
            : [];
    }
}
