namespace ZoPrune.AI.Onnx.Families;

/// <summary>The registry of families: the only place that knows all of them.</summary>
internal static class ModelFamilies
{
    private static readonly FamilyEntry[] s_all =
    [
        Entry("genai-gemma3", c => new MarkerFamily(c)),
        Entry("genai-gemma4", c => new Gemma4Family(c)),
        Entry("genai-mistral3", c => new Mistral3Family(c)),
        Entry("genai-phi3v", c => new Phi3VisionFamily(c)),
        Entry("genai-phi4mm", c => new Phi4MultimodalFamily(c)),
        Entry("genai-qwen", c => new QwenVisionFamily(c)),
        Entry("genai-videochat", c => new MarkerFamily(c)),
        Entry("hf-gemma3", c => new MarkerFamily(c)),
        Entry("hf-idefics3", c => new Idefics3Family(c)),
        Entry("hf-internvl", c => new TiledFamily(c)),
        Entry("hf-llava", c => new MarkerFamily(c)),
        Entry("hf-llava-next", c => new AnyResolutionFamily(c, isOneVision: false)),
        Entry("hf-llava-onevision", c => new AnyResolutionFamily(c, isOneVision: true)),
        Entry("hf-moondream1", c => new MarkerFamily(c)),
        Entry("hf-paligemma", c => new PaliGemmaFamily(c)),
        Entry("hf-qwen", c => new QwenVisionFamily(c)),
    ];

    /// <summary>The types of a layout that there is a family for.</summary>
    public static IEnumerable<string> TypesOf(ModelFolderLayout layout) =>
        s_all.Where(e => e.Data.Layout == layout).SelectMany(e => e.Data.Types).Order(StringComparer.Ordinal);

    /// <summary>The line of the registry for a folder.</summary>
    /// <exception cref="NotSupportedException">There is none for its type.</exception>
    public static FamilyEntry Find(ModelFolder folder) =>
        s_all.FirstOrDefault(e => e.Data.Layout == folder.Layout && e.Data.Types.Contains(folder.Type, StringComparer.Ordinal))
        ?? throw new NotSupportedException(
            $"{folder.ConfigFile}: {(folder.Layout == ModelFolderLayout.GenAI ? "model.type" : "model_type")} is '{folder.Type}'; supported are "
            + $"{string.Join(", ", TypesOf(folder.Layout))}.");

    private static FamilyEntry Entry(string data, Func<FamilyContext, ModelFamily> create) => new(FamilyData.Load(data), create);
}
