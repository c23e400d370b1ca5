using System.Diagnostics.CodeAnalysis;
using ZoPrune.AI.Onnx.Families;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Onnx.Text.Templates;
using ZoPrune.AI.Onnx.Text.Tools;
using ZoPrune.AI.Onnx.Vision;

namespace ZoPrune.AI.Onnx;

/// <summary>
/// The parts of a folder that are known without ONNX Runtime. Each is read when it is first asked for and fails by itself, always with the
/// same exception, so that opening a model stops at the first fault while an inspection collects all of them.
/// </summary>
internal sealed class ModelParts
{
    private readonly Lazy<FamilyEntry> _entry;
    private readonly Lazy<OnnxGraph> _visionGraph;
    private readonly Lazy<OnnxGraph> _embeddingGraph;
    private readonly Lazy<OnnxGraph> _decoderGraph;
    private readonly Lazy<TextTokenizer> _tokenizer;
    private readonly Lazy<ModelFamily> _family;
    private readonly Lazy<ChatTemplate> _template;
    private readonly Lazy<ChatTemplate> _toolTemplate;
    private readonly Lazy<ImageRecipe> _images;
    private readonly Lazy<LanguagePlan> _language;
    private readonly Lazy<VisionPlan> _vision;
    private readonly Lazy<SamplingOptions> _sampling;

    public ModelParts(ModelFolder folder, VisionLanguageModelOptions options)
    {
        Folder = folder;
        Dialect = folder.Layout == ModelFolderLayout.GenAI ? TokenizerDialect.GenAI : TokenizerDialect.HuggingFace;
        _entry = Part(() => ModelFamilies.Find(folder));
        _visionGraph = Part(() => Read(folder.Vision));
        _embeddingGraph = Part(() => Read(folder.Embedding));
        _decoderGraph = Part(() => Read(folder.Decoder));
        _tokenizer = Part(() => About(Path.Combine(folder.TokenizerFolder, "tokenizer.json"), () => TextTokenizer.Load(folder.TokenizerFolder, Dialect)));
        _family = Part(() => Entry.Create(new FamilyContext(folder, Entry.Data, Tokenizer)));
        _template = Part(() => Parse(FindTemplate(withTools: false)));
        _toolTemplate = Part(() => FindTemplate(withTools: true) is var found && found.Source == Template.Source ? Template : Parse(found));
        _images = Part(() => About(folder.VisionProcessorFile, () => Family.CreateImages(options.SplitImages)));
        _language = Part(() => new LanguagePlan(folder, EmbeddingGraph, DecoderGraph, Family.PlaceholderOf(0)));
        _vision = Part(() => new VisionPlan(folder, VisionGraph, options.ProjectorInput));
        _sampling = Part(() => folder.Search.ToSampling(folder.ConfigFile));
    }

    public ModelFolder Folder { get; }

    public TokenizerDialect Dialect { get; }

    public FamilyEntry Entry => _entry.Value;

    public OnnxGraph VisionGraph => _visionGraph.Value;

    public OnnxGraph EmbeddingGraph => _embeddingGraph.Value;

    public OnnxGraph DecoderGraph => _decoderGraph.Value;

    public TextTokenizer Tokenizer => _tokenizer.Value;

    public ModelFamily Family => _family.Value;

    public ChatTemplate Template => _template.Value;

    /// <summary>The template for prompts with tools: the same one, unless the folder has a list of named templates.</summary>
    public ChatTemplate ToolTemplate => _toolTemplate.Value;

    /// <summary>Why there is no such template; null if there is one. Without tools the folder can be used all the same.</summary>
    public string? ToolTemplateFault
    {
        get
        {
            try
            {
                _ = ToolTemplate;
                return null;
            }
            catch (ModelFolderException e)
            {
                return e.Message;
            }
        }
    }

    /// <summary>How the model writes calls of tools, if its template writes tools at all; null if that is not known.</summary>
    public ToolCallFormat? ToolCallFormat => ToolCallFormats.Find(new ToolCallEvidence(ToolTemplate.Source, Tokenizer.HasAddedToken));

    /// <summary>Renders prompts without tools.</summary>
    public PromptRenderer CreateRenderer(TimeProvider time) => new(Family, Folder, Template, Tokenizer, time);

    /// <summary>Renders prompts with tools; null if the template for them has a fault.</summary>
    /// <param name="renderer">Renders those without.</param>
    /// <param name="time">The time that templates see.</param>
    public PromptRenderer? FindToolRenderer(PromptRenderer renderer, TimeProvider time) => ToolTemplateFault is not null
        ? null
        : ToolTemplate == Template ? renderer : new PromptRenderer(Family, Folder, ToolTemplate, Tokenizer, time);

    public ImageRecipe Images => _images.Value;

    public LanguagePlan Language => _language.Value;

    public VisionPlan Vision => _vision.Value;

    public SamplingOptions Sampling => _sampling.Value;

    /// <summary>
    /// Everything that must hold before a session may be opened, in the order in which it is worth knowing. Each throws
    /// <see cref="ModelFolderException"/> or <see cref="NotSupportedException"/>.
    /// </summary>
    public IEnumerable<Action> Checks =>
    [
        () => _ = Entry,
        () => _ = VisionGraph,
        () => _ = EmbeddingGraph,
        () => _ = DecoderGraph,
        () => _ = Tokenizer,
        () => _ = Family,
        () => _ = Template,
        () => _ = Language,
        () => _ = Vision,
        () => Vision.RequireWidth(Language.Embedding.Width),
        () => _ = Sampling,
        () => RequireVocabulary(),
        () => _ = Images,
        () => Vision.RequireInputs(Images.InputNames),
    ];

    private (string Source, string Name) FindTemplate(bool withTools) =>
        ChatTemplateFile.Find(Folder.TokenizerFolder, Dialect, withTools) ?? (Family.DefaultChatTemplate, $"{Folder.Type} (built in)");

    private ChatTemplate Parse((string Source, string Name) template) => ChatTemplate.Parse(template.Source, template.Name, Dialect);

    private static Lazy<T> Part<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(Func<T> read) =>
        new(() => Guard(read));

    private static OnnxGraph Read(GraphSection section) => File.Exists(section.File)
        ? OnnxGraph.Read(section.File)
        : throw new ModelFolderException(section.File, $"the file of the {section.Name} graph does not exist; {section.NamedBy}.");

    /// <summary>Names the file where a reader only says what it does not support.</summary>
    private T About<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (NotSupportedException e) when (!e.Message.Contains(Folder.Path, StringComparison.Ordinal))
        {
            throw new NotSupportedException($"{file}: {e.Message}", e);
        }
    }

    /// <summary>Callers should have one exception to catch for a folder that cannot be used; these name their file.</summary>
    private static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is TokenizerFormatException or ChatTemplateException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new ModelFolderException(e.Message, e);
        }
    }

    /// <summary>An id behind the table of embeddings fails in the middle of an answer. A placeholder's row is not looked up.</summary>
    private void RequireVocabulary()
    {
        var largest = Tokenizer.VocabularySize - 1;
        if (largest >= Language.Vocabulary && largest != Language.PlaceholderId)
        {
            throw new ModelFolderException(
                Path.Combine(Folder.TokenizerFolder, "tokenizer.json"),
                $"has ids up to {largest}, but the vocabulary of {Path.GetFileName(Folder.Decoder.File)} has {Language.Vocabulary} tokens; they belong to different models.");
        }
    }
}
