using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx;

/// <summary>
/// What a vision-language model folder in ONNX Runtime GenAI's format says of itself (<c>genai_config.json</c>). Reading it loads no
/// graph and no weight. Unknown keys are ignored, <c>null</c> counts as absent.
/// </summary>
public sealed class ModelFolder
{
    private ModelFolder(string path, JsonConfig root)
    {
        Path = path;
        ConfigFile = System.IO.Path.Combine(path, ConfigFileName);
        var model = root.Section("model");
        if (!model.Exists)
        {
            throw new ModelFolderException(ConfigFile, "has no object 'model'; this is not a GenAI model folder.");
        }

        Type = model.String("type") ?? throw new ModelFolderException(ConfigFile, "model.type is missing.");
        VocabSize = model.Int("vocab_size");
        ContextLength = Positive(model.Int("context_length"), "model.context_length");
        PadTokenId = model.Int("pad_token_id") ?? 0;
        EosTokenIds = model.Ints("eos_token_id") ?? [PadTokenId];
        if (EosTokenIds.Count == 0)
        {
            throw new ModelFolderException(ConfigFile, "model.eos_token_id is empty; an answer would never end.");
        }

        ImageTokenId = model.Int("image_token_id");
        TokenizerFolder = Resolve(model.String("tokenizer_dir") ?? "", "model.tokenizer_dir");
        Decoder = new GraphSection(this, model, "decoder");
        Embedding = new GraphSection(this, model, "embedding");
        Vision = new GraphSection(this, model, "vision");
        VisionProcessorFile = Resolve(model.Section("vision").String("config_filename") ?? "processor_config.json", "model.vision.config_filename");
        SlidingWindow = SlidingWindow.Read(model.Section("decoder").Section("sliding_window"), ConfigFile);
        Search = new SearchSection(root.Section("search"), ContextLength, ConfigFile);
    }

    /// <summary>The name of the description file.</summary>
    public const string ConfigFileName = "genai_config.json";

    /// <summary>The folder, as a full path.</summary>
    public string Path { get; }

    /// <summary>The full path of <c>genai_config.json</c>.</summary>
    public string ConfigFile { get; }

    /// <summary><c>model.type</c>, such as <c>gemma3</c>: names the family.</summary>
    public string Type { get; }

    /// <summary><c>model.vocab_size</c>, if given.</summary>
    public int? VocabSize { get; }

    /// <summary>The largest number of tokens in a sequence, prompt and answer together.</summary>
    public int ContextLength { get; }

    /// <summary>The ids that end an answer.</summary>
    public IReadOnlyList<int> EosTokenIds { get; }

    /// <summary>The padding id.</summary>
    public int PadTokenId { get; }

    /// <summary><c>model.image_token_id</c>: the placeholder, if the folder names it.</summary>
    public int? ImageTokenId { get; }

    /// <summary>The folder of the tokenizer files.</summary>
    public string TokenizerFolder { get; }

    /// <summary>The image operation list (<c>processor_config.json</c>).</summary>
    public string VisionProcessorFile { get; }

    internal GraphSection Decoder { get; }

    internal GraphSection Embedding { get; }

    internal GraphSection Vision { get; }

    internal SlidingWindow? SlidingWindow { get; }

    internal SearchSection Search { get; }

    /// <summary>Reads the description of a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="ModelFolderException">The folder or its description is missing or damaged, or a path in it leaves the folder.</exception>
    public static ModelFolder Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var full = System.IO.Path.GetFullPath(path);
        if (File.Exists(full))
        {
            throw new ModelFolderException(full, "is a file; a model is a folder with a " + ConfigFileName + ".");
        }

        if (!Directory.Exists(full))
        {
            throw new ModelFolderException(full, "the model folder does not exist.");
        }

        return new ModelFolder(full, JsonConfig.Load(System.IO.Path.Combine(full, ConfigFileName)));
    }

    /// <summary>A path below the folder; what the description names may not leave it.</summary>
    internal string Resolve(string relative, string key)
    {
        if (!ConfinedPath.Holds(relative))
        {
            throw new ModelFolderException(ConfigFile, $"{key} is '{relative}'; it must be a path inside the folder.");
        }

        return relative.Length == 0 ? Path : System.IO.Path.Combine(Path, relative);
    }

    private int Positive(int? value, string key) =>
        value is > 0 ? value.Value : throw new ModelFolderException(ConfigFile, $"{key} is missing or not positive.");
}
