using ZoPrune.AI.Onnx.Constraints;
using ZoPrune.AI.Onnx.Families;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Onnx.Text.Tools;
using ZoPrune.AI.Onnx.Vision;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx;

/// <summary>
/// A vision-language model folder, opened stage by stage: image operations, vision graph, prompt, prefill, steps. Between
/// <see cref="EncodeImage(ProcessedImage, CancellationToken)"/> and
/// <see cref="Prefill(EncodedPrompt, IReadOnlyList{ImageSelection}, int, CancellationToken)"/> the visual tokens are plain data in the
/// caller's hands. Thread-safe: sessions are shared, what belongs to a call is in the objects that the stages return.
/// </summary>
public sealed class VisionLanguageModel : IDisposable
{
    private readonly ImageRecipe _images;
    private readonly VisionEncoder _vision;
    private readonly LanguagePlan _language;
    private readonly LanguageModels _languageModels;
    private readonly PromptEncoder _prompts;
    private readonly ToolCallFormat? _toolCallFormat;
    private readonly GrammarCompiler _grammars;
    private readonly Lazy<ProjectorRunner> _projectorRunner;
    private readonly Lazy<ProjectorWeights> _projectorWeights;
    private readonly Lazy<NormalizedLinearWeights> _normalizedWeights;

    private VisionLanguageModel(ModelParts parts, VisionLanguageModelOptions options, TimeProvider time)
    {
        foreach (var check in parts.Checks)
        {
            check();
        }

        options.LanguageModel?.Check(parts);

        Folder = parts.Folder;
        Tokenizer = parts.Tokenizer;
        DefaultSampling = parts.Sampling;
        _images = parts.Images;
        var projector = parts.Vision.Projector;
        Projector = projector?.Describe();
        var renderer = parts.CreateRenderer(time);
        var toolRenderer = parts.FindToolRenderer(renderer, time);
        var sessions = new GraphSessionFactory(options);
        _language = parts.Language;
        _languageModels = new LanguageModels(parts, sessions, options.LanguageModel, options.Threads);
        SupportsOriginalPositions = _language.Inputs.PositionAxes > 0 && options.LanguageModel is null or { TakesPositions: true };
        try
        {
            // What is wrong with it is said here, not in the first call. (A second one, for prompts that this one cannot answer, opens then.)
            _ = LanguageModel;
            _vision = new VisionEncoder(parts.Vision, parts.Family, sessions);
        }
        catch
        {
            _languageModels.Dispose();
            throw;
        }

        _prompts = new PromptEncoder(
            parts.Family, renderer, toolRenderer, Tokenizer, _language.Inputs.PositionAxes, Folder.Path, parts.ToolTemplateFault)
        {
            CountingBackend = options.LanguageModel is { TakesPositions: false } backend ? backend.Name : null,
        };
        _toolCallFormat = toolRenderer is null ? null : parts.ToolCallFormat;
        _grammars = new GrammarCompiler(Tokenizer, Folder.EosTokenIds);
        _projectorRunner = new Lazy<ProjectorRunner>(() => new ProjectorRunner(Folder, sessions, projector!));
        _projectorWeights = new Lazy<ProjectorWeights>(() => projector!.ReadWeights());
        _normalizedWeights = new Lazy<NormalizedLinearWeights>(() => projector!.ReadNormalizedWeights());
    }

    /// <summary>What the folder says of itself.</summary>
    public ModelFolder Folder { get; }

    /// <summary>The folder, as a full path.</summary>
    public string FolderPath => Folder.Path;

    /// <summary>The name of the folder.</summary>
    public string ModelId => Path.GetFileName(Path.TrimEndingDirectorySeparator(Folder.Path));

    /// <summary>The largest position that the model was made for; prompt and answer together.</summary>
    public int ContextLength => Folder.ContextLength;

    /// <summary>The most tokens in one sequence, prompt and answer together: the folder's <c>search.max_length</c>.</summary>
    public int MaxLength => Folder.Search.MaxLength;

    /// <summary>
    /// Whether pruned tokens can be told to keep their positions: the decoder takes positions, and no
    /// <see cref="VisionLanguageModelOptions.LanguageModel"/> is set that numbers tokens itself.
    /// </summary>
    public bool SupportsOriginalPositions { get; }

    /// <summary>The ids that end an answer.</summary>
    public IReadOnlyList<int> EosTokenIds => Folder.EosTokenIds;

    /// <summary>How the folder wants tokens to be chosen.</summary>
    public SamplingOptions DefaultSampling { get; }

    /// <summary>The folder's tokenizer.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>The projector that was found in the vision graph; <c>null</c> if none was.</summary>
    public ProjectorDescription? Projector { get; }

    /// <summary>Why <see cref="CreateEstimator"/> returns nothing for this folder; <c>null</c> if it does return an estimator.</summary>
    public string? NoEstimatorReason => ReasonFor(Projector);

    /// <summary>The weights of a projector of two maps, read at the first call.</summary>
    internal ProjectorWeights ProjectorWeights => _projectorWeights.Value;

    /// <summary>
    /// Opens a folder: reads its description and graphs (without weights), checks that they belong together, then opens the sessions.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">How to open it.</param>
    /// <param name="timeProvider">The clock that chat templates may ask for; the system's by default.</param>
    /// <exception cref="ModelFolderException">A file is missing or damaged, or the files do not fit together.</exception>
    /// <exception cref="NotSupportedException">The folder is of a kind, or asks for something, that is not supported.</exception>
    /// <exception cref="InvalidOperationException">The application references no native ONNX Runtime package.</exception>
    public static VisionLanguageModel Load(string path, VisionLanguageModelOptions? options = null, TimeProvider? timeProvider = null)
    {
        options ??= new VisionLanguageModelOptions();
        var parts = new ModelParts(ModelFolder.Open(path, options.Variants), options);
        return new VisionLanguageModel(parts, options, timeProvider ?? TimeProvider.System);
    }

    /// <summary>
    /// How pictures are decoded for this model where nobody says otherwise: as the reference of the folder's layout does.
    /// </summary>
    public ImageDecodingOptions ImageDecoding => _images.Decoding;

    /// <summary>Runs the folder's image processing.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="imagesInPrompt">How many images the prompt will hold: some families cut a picture into tiles only when it is
    /// alone.</param>
    /// <exception cref="NotSupportedException">The picture has a size that the model cannot take.</exception>
    public ProcessedImage ProcessImage(RgbImage image, int imagesInPrompt = 1)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(imagesInPrompt, 1);
        return ProcessImage(image, imagesInPrompt, buffers: null);
    }

    /// <summary>Runs the folder's image processing in memory that is given back.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="imagesInPrompt">How many images the prompt will hold.</param>
    /// <param name="buffers">
    /// Where what comes out lies, which must not be read after it; <c>null</c>: in arrays of their own.
    /// </param>
    internal ProcessedImage ProcessImage(RgbImage image, int imagesInPrompt, PictureBuffers? buffers) =>
        _images.Process(image, imagesInPrompt, buffers);

    /// <summary>Runs the vision graph on one image, with everything that any estimator may need.</summary>
    /// <param name="image">The processed image.</param>
    /// <param name="cancellationToken">Cancels, also in the middle of the run.</param>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public VisualTokens EncodeImage(ProcessedImage image, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return _vision.Encode(image, VisionTaps.ProjectorInput | VisionTaps.ClosedForm, buffers: null, cancellationToken);
    }

    /// <summary>Runs the vision graph on one image, with what one method of measuring sensitivity needs.</summary>
    /// <param name="image">The processed image.</param>
    /// <param name="method">The method; <c>null</c>: sensitivity is not going to be measured.</param>
    /// <param name="cancellationToken">Cancels, also in the middle of the run.</param>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public VisualTokens EncodeImage(ProcessedImage image, SensitivityMethod? method, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        return EncodeImage(image, method, buffers: null, cancellationToken);
    }

    /// <summary>Runs the vision graph on one image; what only the pruner reads lies in memory that is given back.</summary>
    /// <param name="image">The processed image.</param>
    /// <param name="method">The method; <c>null</c>: sensitivity is not going to be measured.</param>
    /// <param name="buffers">
    /// Where the projector's tensors lie, which must not be read after it; <c>null</c>: in arrays of their own. The visual tokens have an
    /// array of their own in any case.
    /// </param>
    /// <param name="cancellationToken">Cancels, also in the middle of the run.</param>
    internal VisualTokens EncodeImage(
        ProcessedImage image, SensitivityMethod? method, PictureBuffers? buffers, CancellationToken cancellationToken)
    {
        var taps = method switch
        {
            SensitivityMethod.ClosedForm or SensitivityMethod.ExactClosedForm => VisionTaps.ClosedForm,
            SensitivityMethod.ZerothOrder => VisionTaps.ProjectorInput,
            _ => VisionTaps.None,
        };
        return _vision.Encode(image, taps, buffers, cancellationToken);
    }

    /// <summary>Makes an estimator for this folder's projector.</summary>
    /// <param name="method">The method; <c>null</c>: the closed form.</param>
    /// <param name="options">Settings of the zeroth-order method; its defaults where <c>null</c>.</param>
    /// <returns>
    /// The estimator; <c>null</c> if no projector was found, or if the projector is one affine map without a normalisation before it, whose
    /// sensitivity is the same for every token: then tokens can only be selected by diversity. One affine map behind a normalisation gets
    /// the
    /// closed form of both together, whatever the method: finite differences at the map alone would be the same for every token.
    /// </returns>
    public SensitivityEstimator? CreateEstimator(SensitivityMethod? method = null, ZerothOrderOptions? options = null)
    {
        if (Projector is null || Projector is { IsLinear: true, Normalization: null })
        {
            return null;
        }

        if (Projector.IsLinear)
        {
            // Finite differences at the projector alone are the same for every token; with the normalisation there is a closed form.
            return new NormalizedLinearEstimator(_normalizedWeights.Value);
        }

        return method switch
        {
            SensitivityMethod.ZerothOrder => new ZerothOrderEstimator(
                _projectorRunner.Value.Run, Projector.InputWidth, Projector.OutputWidth, options ?? new ZerothOrderOptions()),
            SensitivityMethod.ExactClosedForm => new ClosedFormEstimator(_projectorWeights.Value, ClosedFormArithmetic.Exact),
            _ => new ClosedFormEstimator(_projectorWeights.Value),
        };
    }

    /// <summary>Makes a constraint that holds one answer of this model to a grammar.</summary>
    /// <remarks>What depends on the tokenizer alone is worked out at the first call, once for the model.</remarks>
    /// <param name="grammar">The grammar.</param>
    /// <exception cref="NotSupportedException">The tokens of this model cannot spell any text of the grammar.</exception>
    public TokenConstraint CreateConstraint(TextGrammar grammar)
    {
        ArgumentNullException.ThrowIfNull(grammar);
        return _grammars.CreateConstraint(grammar);
    }

    /// <summary>Whether the folder's chat template tells the model of tools.</summary>
    public bool SupportsTools => _prompts.TakesTools;

    /// <summary>How the model writes calls of tools into its answers, as far as the folder's template and tokenizer say so.</summary>
    /// <exception cref="NotSupportedException">
    /// The template does not write tools, or marks calls in a way that is not known; the message names folder and template.
    /// </exception>
    public ToolCallFormat GetToolCallFormat() => _prompts.TakesTools
        ? _toolCallFormat ?? throw new NotSupportedException(_prompts.UnknownFormat)
        : throw new NotSupportedException(_prompts.NoTools);

    /// <summary>Renders the chat template, puts the kept placeholders in and tokenises.</summary>
    /// <remarks>
    /// Calls and results of tools are written as the folder's template takes them: as turns of their own, one call a turn and with short ids
    /// if it insists, images of results in a user turn behind them unless it writes these there; otherwise as text, see
    /// <see cref="ChatPrompt.WithoutToolTurns"/>. A template that refuses the conversation is tried with
    /// <see cref="ChatPrompt.WithMergedTurns"/>.
    /// </remarks>
    /// <param name="prompt">The conversation.</param>
    /// <param name="images">The selections of its images, in the order of their numbers in <paramref name="prompt"/>.</param>
    /// <param name="policy">Which positions the tokens get.</param>
    /// <exception cref="ArgumentException">
    /// The image parts of <paramref name="prompt"/> are not numbered 0, 1, 2 … in order, one for each selection, or a selection is
    /// <c>null</c>.
    /// </exception>
    /// <exception cref="ChatTemplateException">The folder's template refuses the conversation.</exception>
    /// <exception cref="NotSupportedException">
    /// <paramref name="policy"/> is <see cref="PositionPolicy.Original"/>, something was pruned, and the decoder takes no positions; or the
    /// prompt has tools and the folder's template does not write them.
    /// </exception>
    public EncodedPrompt EncodePrompt(ChatPrompt prompt, IReadOnlyList<ImageSelection> images, PositionPolicy policy = PositionPolicy.Auto)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        RequireSelections(images);
        return _prompts.Encode(prompt, images, policy);
    }

    /// <summary>
    /// Encodes a prompt that is already rendered; all of it counts as template text. For comparison with recorded results.
    /// </summary>
    internal EncodedPrompt EncodeRendered(string rendered, IReadOnlyList<ImageSelection> images, PositionPolicy policy) =>
        _prompts.EncodeRendered(rendered, images, policy);

    /// <summary>Runs the language model over a prompt in one go.</summary>
    /// <param name="prompt">The encoded prompt.</param>
    /// <param name="images">The same selections that the prompt was encoded with.</param>
    /// <param name="maxNewTokens">How many tokens are going to be generated at most: sizes the KV cache.</param>
    /// <param name="cancellationToken">Cancels, also in the middle of the run.</param>
    /// <returns>The sequence with the logits of its first new token.</returns>
    /// <exception cref="ArgumentException">The prompt was made for other selections, or is longer than the model allows.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ModelRunException">ONNX Runtime failed.</exception>
    public Decoding Prefill(
        EncodedPrompt prompt, IReadOnlyList<ImageSelection> images, int maxNewTokens, CancellationToken cancellationToken = default) =>
        Prefill(prompt, images, new PrefillOptions { MaxNewTokens = maxNewTokens }, cancellationToken);

    /// <summary>
    /// Runs the language model over what a parked sequence does not hold already of a prompt. The logits are those of the whole prompt but
    /// for the rounding of floating-point numbers.
    /// </summary>
    /// <param name="prompt">The encoded prompt.</param>
    /// <param name="images">The same selections that the prompt was encoded with.</param>
    /// <param name="options">What is known of the answer, and the pool.</param>
    /// <param name="cancellationToken">Cancels, with this library's own sessions also in the middle of the run.</param>
    /// <returns>The sequence with the logits of its first new token.</returns>
    /// <exception cref="ArgumentException">
    /// The prompt was made for other selections, or is longer than the model allows, or the pool is another model's.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="ModelRunException">ONNX Runtime failed.</exception>
    /// <exception cref="ModelFolderException">The language model that this prompt needs is opened only now, and cannot be.</exception>
    public Decoding Prefill(
        EncodedPrompt prompt, IReadOnlyList<ImageSelection> images, PrefillOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        RequireSelections(images);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxNewTokens);
        var kept = images.Sum(i => i.Kept.Count);
        if (kept != prompt.VisualTokensKept)
        {
            throw new ArgumentException($"The prompt holds {prompt.VisualTokensKept} visual tokens, the selections {kept}.", nameof(images));
        }

        foreach (var image in images)
        {
            if (image.Image.Width != _language.Embedding.Width)
            {
                throw new ArgumentException(
                    $"The visual tokens are {image.Image.Width} wide, the language model's embeddings {_language.Embedding.Width}.", nameof(images));
            }
        }

        if (prompt.Length == 0 || prompt.Length > MaxLength || prompt.NextPosition > ContextLength)
        {
            throw new ArgumentException(
                $"The prompt has {prompt.Length} tokens and ends at position {prompt.NextPosition}; at least 1 and at most {MaxLength} are allowed.",
                nameof(prompt));
        }

        if (options.Pool is { } pool && !ReferenceEquals(pool.Model, this))
        {
            throw new ArgumentException("The pool belongs to another model.", nameof(options));
        }

        return _languageModels.For(prompt).Prefill(prompt, images, options, cancellationToken);
    }

    /// <summary>
    /// What generates, unless a prompt asks for another: <c>OnnxRuntime</c>, or a <see cref="LanguageModelBackend"/> with the device that it
    /// says it runs on (<c>OnnxRuntimeGenAI on CPU</c>).
    /// </summary>
    /// <exception cref="ObjectDisposedException">The model is disposed of.</exception>
    public string LanguageModelDescription => LanguageModel.Description;

    /// <summary>What generates unless a prompt asks for another.</summary>
    internal ILanguageModel LanguageModel => _languageModels.Usual;

    /// <summary>Makes a pool for this model's sequences. Dispose it to free native memory; it does not need the model for that.</summary>
    /// <param name="maxBytes">The most bytes that parked sequences take; 0: nothing is parked.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxBytes"/> is negative.</exception>
    public SequencePool CreateSequencePool(long maxBytes) => new(this, maxBytes);

    /// <summary>
    /// Why a <see cref="SequencePool"/> never gives anything for this model; <c>null</c> if it does. Some decoders let the tokens of a
    /// prompt see those behind them, or quantise all tokens of a run with one scale: a prompt in two runs is not the same as in one.
    /// The first look runs the decoder over a few tokens.
    /// </summary>
    /// <remarks>
    /// Some caches cannot go back: states hold all tokens in one, and a sliding window that is full has dropped early ones. A model that
    /// has such layers is given a parked sequence only as a whole: to go on with it, not to branch off within it.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">The model is disposed of.</exception>
    public string? NoPrefixReuseReason => LanguageModel.NoPrefixReuseReason;

    /// <summary>
    /// Whether an image alone in its prompt is processed in another way than one among several, so that its visual tokens depend on that.
    /// </summary>
    public bool ProcessesSingleImagesApart => _images.ProcessesSingleImagesApart;

    /// <summary>Why there is no estimator for a projector.</summary>
    internal static string? ReasonFor(ProjectorDescription? projector) => projector switch
    {
        null => "no projector was found in the vision graph",
        { IsLinear: true, Normalization: null } =>
            "the projector is one affine map without a normalisation before it, so its sensitivity is the same for every token",
        _ => null,
    };

    private static void RequireSelections(IReadOnlyList<ImageSelection> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        for (var i = 0; i < images.Count; i++)
        {
            if (images[i] is null)
            {
                throw new ArgumentException($"Selection {i} is null.", nameof(images));
            }
        }
    }

    /// <summary>Closes the sessions. No call may be under way.</summary>
    public void Dispose()
    {
        if (_projectorRunner.IsValueCreated)
        {
            _projectorRunner.Value.Dispose();
        }

        _vision.Dispose();
        _languageModels.Dispose();
    }
}
