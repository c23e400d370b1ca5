namespace ZoPrune.AI.Onnx.Folders;

/// <summary>Reads <c>genai_config.json</c> (genai-model-folder specification 1).</summary>
internal static class GenAIFolder
{
    public const string ConfigFileName = "genai_config.json";

    public static ModelFolder Read(string path)
    {
        var file = Path.Combine(path, ConfigFileName);
        var root = JsonConfig.Load(file);
        var model = root.Section("model");
        if (!model.Exists)
        {
            throw new ModelFolderException(file, "has no object 'model'; this is not a GenAI model folder.");
        }

        var context = model.Int("context_length") is { } length and > 0
            ? length
            : throw new ModelFolderException(file, "model.context_length is missing or not positive.");
        var pad = model.Int("pad_token_id") ?? 0;
        var eos = model.Ints("eos_token_id") ?? [pad];
        if (eos.Count == 0)
        {
            throw new ModelFolderException(file, "model.eos_token_id is empty; an answer would never end.");
        }

        if (model.Section("vision").Section("pipeline").Exists || model.Section("decoder").Section("pipeline").Exists)
        {
            throw new NotSupportedException($"{file}: models cut into a pipeline (for NPUs) are not supported.");
        }

        var type = model.String("type") ?? throw new ModelFolderException(file, "model.type is missing.");
        return new ModelFolder(path, file, ModelFolderLayout.GenAI, type, Section("vision"), Section("embedding"), Section("decoder"))
        {
            VocabSize = model.Int("vocab_size"),
            ContextLength = context,
            PadTokenId = pad,
            EosTokenIds = eos,
            ImageTokenId = model.Int("image_token_id"),
            TokenizerFolder = Resolve(model.String("tokenizer_dir") ?? "", "model.tokenizer_dir"),
            VisionProcessorFile = Resolve(
                model.Section("vision").String("config_filename") ?? "processor_config.json", "model.vision.config_filename"),
            SlidingWindow = SlidingWindow.Read(model.Section("decoder").Section("sliding_window"), file),
            Search = SearchSection.ReadGenAI(root.Section("search"), context, file),
            Config = model,
        };

        GraphSection Section(string name)
        {
            var section = model.Section(name);
            var graph = section.String("filename");
            if (string.IsNullOrEmpty(graph))
            {
                throw new ModelFolderException(file, $"model.{name}.filename is missing.");
            }

            // GenAI: vision and embedding without options of their own use the decoder's.
            var options = section.Section("session_options");
            return new GraphSection(
                name,
                Resolve(graph, $"model.{name}.filename"),
                section.Section("inputs"),
                section.Section("outputs"),
                SessionSettings.Read(options.Exists ? options : model.Section("decoder").Section("session_options"), file))
            {
                NamedBy = $"{ConfigFileName} names it as model.{name}.filename",
                HiddenSize = section.Int("hidden_size"),
                HeadSize = section.Int("head_size"),
                KeyValueHeads = section.Int("num_key_value_heads"),
            };
        }

        // A path below the folder; what the description names may not leave it.
        string Resolve(string relative, string key)
        {
            if (!ConfinedPath.Holds(relative))
            {
                throw new ModelFolderException(file, $"{key} is '{relative}'; it must be a path inside the folder.");
            }

            return relative.Length == 0 ? path : Path.Combine(path, relative);
        }
    }
}
