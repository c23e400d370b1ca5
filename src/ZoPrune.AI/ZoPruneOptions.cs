using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Text.Tools;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI;

/// <summary>What a <see cref="ZoPruneChatClient"/> loads, how much of every image it keeps, and what it accepts.</summary>
/// <remarks>
/// Bound from the configuration section <c>ZoPrune</c> by <c>AddZoPruneChatClient</c>. A client copies its options when it is made: later
/// changes have no effect on it. What a single call may change is in <see cref="PruningOverrides"/>.
/// </remarks>
public sealed class ZoPruneOptions
{
    /// <summary>The configuration section that <c>AddZoPruneChatClient()</c> reads: <c>ZoPrune</c>.</summary>
    public const string SectionName = "ZoPrune";

    /// <summary>
    /// The environment variable that is asked for <see cref="ModelPath"/> when it is not configured: <c>ZOPRUNE_MODEL_PATH</c>.
    /// </summary>
    public const string ModelPathVariable = "ZOPRUNE_MODEL_PATH";

    /// <summary>
    /// The model folder: ONNX Runtime GenAI format (with a <c>genai_config.json</c>) or the transformers.js layout (with a
    /// <c>config.json</c> and graphs in
    /// <c>onnx/</c>). <see langword="null"/> or empty: the environment
    /// variable <see cref="ModelPathVariable"/>, then the bundled model if the application references the package
    /// <c>ZoPrune.AI.PocketVlm</c>, else an error. A relative path starts at the current directory.
    /// </summary>
    public string? ModelPath { get; set; }

    /// <summary>
    /// The share of an image's visual tokens that stays: above 0, at most 1. Default 1/3 (the published loss there is under 2 %). 1 prunes
    /// nothing and gives the very tokens of the unpruned model.
    /// </summary>
    public double KeepRatio { get; set; } = 1.0 / 3.0;

    /// <summary>
    /// The most visual tokens that one image keeps, at least 1, not counting newlines and separators, which always stay;
    /// <see langword="null"/> (the default): no such limit.
    /// </summary>
    public int? MaxVisualTokens { get; set; }

    /// <summary>The fewest visual tokens that one image keeps, at least 1 (the default), at most <see cref="MaxVisualTokens"/>.</summary>
    public int MinVisualTokens { get; set; } = 1;

    /// <summary>How the sensitivity of visual tokens is found. Default <see cref="SensitivityEstimation.Auto"/>.</summary>
    public SensitivityEstimation Estimator { get; set; }

    /// <summary>The number m of random directions of the zeroth-order estimator: 1 to 4096, default 64 as published.</summary>
    public int EstimatorDirections { get; set; } = 64;

    /// <summary>The step h of the zeroth-order estimator: above 0, at most 1, default 0.01 as published.</summary>
    public float EstimatorStep { get; set; } = 0.01f;

    /// <summary>The rule that selects the tokens that stay. Default <see cref="TokenSelection.SadsProportional"/>.</summary>
    public TokenSelection Selector { get; set; }

    /// <summary>The space in which selectors compare embeddings. Default <see cref="CosineSpace.Raw"/> as published.</summary>
    public CosineSpace CosineSpace { get; set; }

    /// <summary>
    /// The seed of the zeroth-order directions and of random selection. The same seed gives the same selection. Default 0.
    /// </summary>
    public int Seed { get; set; }

    /// <summary>
    /// Which positions the kept tokens take in the prompt. Default <see cref="PositionPolicy.Auto"/>: the original ones where the decoder
    /// takes them.
    /// </summary>
    public PositionPolicy PositionPolicy { get; set; }

    /// <summary>
    /// The tensor of the vision graph that feeds the projector, by name, for folders where it is not found automatically;
    /// <see langword="null"/> (the default): it is looked for.
    /// </summary>
    public string? ProjectorInput { get; set; }

    /// <summary>
    /// Which precisions are opened where a transformers.js folder holds several side by side; <see langword="null"/> (the default): what
    /// <c>transformers.js_config.dtype</c> of <c>config.json</c> names, else full precision where it is there, else what suits a CPU best.
    /// </summary>
    public GraphVariants? Variants { get; set; }

    /// <summary>
    /// Whether pictures are cut into tiles, by models that can (Idefics 3, SmolVLM, LLaVA-NeXT, InternVL): more visual tokens, finer
    /// detail.
    /// <see langword="null"/> (the default): as the model's reference does. A model that cannot cut pictures refuses
    /// <see langword="true"/>;
    /// folders of ONNX Runtime GenAI, whose operation list decides, refuse both.
    /// </summary>
    public bool? SplitImages { get; set; }

    /// <summary>
    /// The threads of one run of the vision graph or the decoder, 1 to 1024; <see langword="null"/> (the default): ONNX Runtime chooses.
    /// </summary>
    public int? Threads { get; set; }

    /// <summary>
    /// How the model writes calls of tools; <see langword="null"/> (the default): as the folder's template and tokenizer say. In
    /// configuration the name of one of <see cref="ToolCallFormats"/>, in code also a format of your own.
    /// </summary>
    public ToolCallFormat? ToolCallFormat { get; set; }

    /// <summary>
    /// What generates; <see langword="null"/> (the default): this library's own ONNX Runtime sessions. <c>UseOnnxRuntimeGenAI()</c> of the package
    /// <c>ZoPrune.AI.OnnxRuntimeGenAI</c> sets the other one, and so does the value <c>OnnxRuntimeGenAI</c> in configuration, where the
    /// application references that package. Clients share a model only if they agree on this. <see cref="ConfigureSession"/> is for our own
    /// sessions alone, that of the vision graph among them.
    /// </summary>
    public LanguageModelBackend? LanguageModel { get; set; }

    /// <summary>
    /// Called with the options of every ONNX Runtime session before it opens: for execution providers of the native package that the
    /// application
    /// references (<c>o => o.AppendExecutionProvider_CUDA()</c>), and anything else. Set in code only. Clients share a model only if this
    /// is the same delegate.
    /// </summary>
    public Action<SessionOptions>? ConfigureSession { get; set; }

    /// <summary>Limits on images, checked before they are decoded.</summary>
    public ImageOptions Images { get; set; } = new();

    /// <summary>
    /// Which addresses and directories images may be read from. By default none: only bytes and <c>data:</c> URIs are taken.
    /// </summary>
    public ContentAccessOptions ContentAccess { get; set; } = new();

    /// <summary>How much is kept in memory between calls, so that pictures seen before and conversations that go on cost little.</summary>
    public CachingOptions Caching { get; set; } = new();

    /// <summary>Whether pruning reports carry the sensitivity of every token. Default <see langword="false"/>.</summary>
    public bool IncludeSensitivities { get; set; }

    /// <summary>
    /// Whether prompts and answers are written to the log (level Trace). Default <see langword="false"/>: then nothing that users wrote,
    /// showed or were told is logged, nor where images and models lie.
    /// </summary>
    public bool LogSensitiveData { get; set; }

    /// <summary>A copy that shares nothing with this instance.</summary>
    internal ZoPruneOptions Clone()
    {
        var copy = (ZoPruneOptions)MemberwiseClone();
        // Null is for the validator to refuse.
        copy.Images = Images?.Clone()!;
        copy.Caching = Caching?.Clone()!;
        copy.ContentAccess = ContentAccess?.Clone()!;
        return copy;
    }
}
