using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx;

/// <summary>
/// What a vision-language model folder says of itself: <c>genai_config.json</c> of ONNX Runtime GenAI, or <c>config.json</c> of the
/// transformers.js layout. Reading it loads no graph and no weight. Unknown keys are ignored, <c>null</c> counts as absent.
/// </summary>
public sealed class ModelFolder
{
    internal ModelFolder(string path, string configFile, ModelFolderLayout layout, string type, GraphSection vision, GraphSection embedding, GraphSection decoder)
    {
        Path = path;
        ConfigFile = configFile;
        Layout = layout;
        Type = type;
        Vision = vision;
        Embedding = embedding;
        Decoder = decoder;
    }

    /// <summary>The name of the description file of a folder of ONNX Runtime GenAI.</summary>
    public const string ConfigFileName = GenAIFolder.ConfigFileName;

    /// <summary>The folder, as a full path.</summary>
    public string Path { get; }

    /// <summary>The full path of the description file.</summary>
    public string ConfigFile { get; }

    /// <summary>How the files are laid out.</summary>
    public ModelFolderLayout Layout { get; }

    /// <summary><c>model.type</c> or <c>model_type</c>, such as <c>gemma3</c>: names the family.</summary>
    public string Type { get; }

    /// <summary>The number of tokens in the vocabulary, if given.</summary>
    public int? VocabSize { get; internal init; }

    /// <summary>The largest number of tokens in a sequence, prompt and answer together.</summary>
    public int ContextLength { get; internal init; }

    /// <summary>The ids that end an answer.</summary>
    public IReadOnlyList<int> EosTokenIds { get; internal init; } = [];

    /// <summary>The padding id.</summary>
    public int PadTokenId { get; internal init; }

    /// <summary>The placeholder's id, if the folder names it.</summary>
    public int? ImageTokenId { get; internal init; }

    /// <summary>The folder of the tokenizer files.</summary>
    public string TokenizerFolder { get; internal init; } = "";

    /// <summary>The description of image processing: GenAI's operation list, or <c>preprocessor_config.json</c>.</summary>
    public string VisionProcessorFile { get; internal init; } = "";

    internal GraphSection Decoder { get; }

    internal GraphSection Embedding { get; }

    internal GraphSection Vision { get; }

    internal SlidingWindow? SlidingWindow { get; init; }

    internal SearchSection Search { get; init; } = SearchSection.Greedy;

    /// <summary>
    /// The description itself, for what only one family asks for: the object <c>model</c>, or the root of <c>config.json</c>.
    /// </summary>
    internal JsonConfig Config { get; init; }

    /// <summary><c>processor_config.json</c> of the transformers.js layout, where there is one.</summary>
    internal JsonConfig ProcessorConfig { get; init; }

    /// <summary>Reads the description of a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="variants">Which precisions are meant where several lie side by side; a sensible choice by default.</param>
    /// <exception cref="ModelFolderException">The folder or its description is missing or damaged, or a path in it leaves the
    /// folder.</exception>
    /// <exception cref="NotSupportedException">The folder asks for something that is not supported.</exception>
    public static ModelFolder Open(string path, GraphVariants? variants = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var full = System.IO.Path.GetFullPath(path);
        if (File.Exists(full))
        {
            throw new ModelFolderException(
                full, $"is a file; a model is a folder with a {ConfigFileName}, or with a {TransformersJsFolder.ConfigFileName} and a folder onnx.");
        }

        if (!Directory.Exists(full))
        {
            throw new ModelFolderException(full, "the model folder does not exist.");
        }

        if (File.Exists(System.IO.Path.Combine(full, ConfigFileName)))
        {
            return variants is null or { Vision: null, Embedding: null, Decoder: null }
                ? GenAIFolder.Read(full)
                : throw new ModelFolderException(
                    System.IO.Path.Combine(full, ConfigFileName),
                    "names its graphs itself; the option Variants is for folders of the transformers.js layout. Leave it unset.");
        }

        return File.Exists(System.IO.Path.Combine(full, TransformersJsFolder.ConfigFileName))
            ? TransformersJsFolder.Read(full, variants ?? new GraphVariants())
            : throw new ModelFolderException(
                System.IO.Path.Combine(full, ConfigFileName),
                $"the file does not exist, and neither does {TransformersJsFolder.ConfigFileName} of the transformers.js layout.");
    }
}
