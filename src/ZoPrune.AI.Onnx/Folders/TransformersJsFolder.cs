namespace ZoPrune.AI.Onnx.Folders;

/// <summary>Reads <c>config.json</c> and the files beside it (hf-onnx-vlm-folder specification 0, 1, 8).</summary>
internal static class TransformersJsFolder
{
    public const string ConfigFileName = "config.json";

    /// <summary>The folder of the graphs.</summary>
    public const string GraphFolder = "onnx";

    /// <summary>Where families keep what belongs to the language model; Moondream has a key of its own, older files have none.</summary>
    private static readonly string[] s_textKeys = ["text_config", "phi_config", "llm_config"];

    public static ModelFolder Read(string path, GraphVariants variants)
    {
        var file = Path.Combine(path, ConfigFileName);
        var root = JsonConfig.Load(file);
        var type = root.String("model_type") ?? throw new ModelFolderException(file, "model_type is missing.");
        var text = s_textKeys.Select(root.Section).Append(root).First(s => s.Exists);
        var generation = JsonConfig.LoadOptional(Path.Combine(path, "generation_config.json"));
        var eos = generation.Ints("eos_token_id") ?? root.Ints("eos_token_id") ?? text.Ints("eos_token_id") ?? [];
        if (eos.Count == 0)
        {
            throw new ModelFolderException(file, "neither generation_config.json nor config.json has an eos_token_id; an answer would never end.");
        }

        // Folders of small models leave defaults of their class out; the caches bound the length anyway.
        var context = text.Int("max_position_embeddings") ?? root.Int("max_position_embeddings") ?? DefaultContextLength;
        if (context <= 0)
        {
            throw new ModelFolderException(file, "max_position_embeddings is not positive.");
        }

        var files = new GraphVariantFiles(path, file, root.Section("transformers.js_config"));
        var heads = text.Int("num_attention_heads");
        var vision = Section("vision", files.Find("vision_encoder", variants.Vision, GraphVariantFiles.VisionOrder));
        var embedding = Section("embedding", files.Find("embed_tokens", variants.Embedding, GraphVariantFiles.EmbeddingOrder));
        var decoder = Section("decoder", files.Find("decoder_model_merged", variants.Decoder, GraphVariantFiles.DecoderOrder)) with
        {
            HiddenSize = text.Int("hidden_size"),
            KeyValueHeads = text.Int("num_key_value_heads") ?? heads,
            HeadSize = text.Int("head_dim") ?? (heads is > 0 && text.Int("hidden_size") is { } width ? width / heads : null),
        };
        return new ModelFolder(path, file, ModelFolderLayout.TransformersJs, type, vision, embedding, decoder)
        {
            VocabSize = text.Int("vocab_size") ?? root.Int("vocab_size"),
            ContextLength = context,
            PadTokenId = generation.Int("pad_token_id") ?? root.Int("pad_token_id") ?? text.Int("pad_token_id") ?? 0,
            EosTokenIds = eos,
            ImageTokenId = root.Int("image_token_id") ?? root.Int("image_token_index"),
            TokenizerFolder = path,
            VisionProcessorFile = Path.Combine(path, "preprocessor_config.json"),
            Search = SearchSection.ReadHuggingFace(generation, context, Path.Combine(path, "generation_config.json")),
            Config = root,
            ProcessorConfig = JsonConfig.LoadOptional(Path.Combine(path, "processor_config.json")),
        };

        GraphSection Section(string name, GraphVariantFile graph) => new(name, graph.File, default, default, SessionSettings.Read(default, file))
        {
            NamedBy = graph.Reason,
            Variants = graph.Present,
        };
    }

    private const int DefaultContextLength = 2048;
}
