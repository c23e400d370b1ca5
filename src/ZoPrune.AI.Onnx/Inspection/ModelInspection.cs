namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>
/// What was found out about a model folder. What could not be found out is <c>null</c> or empty, and there is a problem that says why.
/// </summary>
public sealed record ModelInspection
{
    /// <summary>The folder, as a full path.</summary>
    public required string Path { get; init; }

    /// <summary>How its files are laid out; <c>null</c> if it is no model folder.</summary>
    public ModelFolderLayout? Layout { get; init; }

    /// <summary><c>model.type</c> or <c>model_type</c>.</summary>
    public string? Type { get; init; }

    /// <summary>Whether the type is one that is supported.</summary>
    public bool IsTypeSupported { get; init; }

    /// <summary>The types of its layout that are supported.</summary>
    public IReadOnlyList<string> SupportedTypes { get; init; } = [];

    /// <summary>The largest number of tokens in a sequence.</summary>
    public int? ContextLength { get; init; }

    /// <summary>The number of tokens that an answer is chosen from.</summary>
    public long? Vocabulary { get; init; }

    /// <summary>The ids that end an answer.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>The graphs, in the order in which they run.</summary>
    public IReadOnlyList<GraphInspection> Graphs { get; init; } = [];

    /// <summary>The projector; <c>null</c> if none was found.</summary>
    public ProjectorDescription? Projector { get; init; }

    /// <summary>How sensitivity can be measured, the default first; empty: tokens can only be selected by diversity.</summary>
    public IReadOnlyList<SensitivityMethod> SensitivityMethods { get; init; } = [];

    /// <summary>Why sensitivity cannot be measured; <c>null</c> if it can, or if the vision graph could not be read.</summary>
    public string? NoEstimatorReason { get; init; }

    /// <summary>How images stand in a prompt.</summary>
    public PromptInspection? Prompt { get; init; }

    /// <summary>Which positions the decoder takes.</summary>
    public PositionKind? Positions { get; init; }

    /// <summary>The position policies that pruned images can be used with.</summary>
    public IReadOnlyList<PositionPolicy> PositionPolicies { get; init; } = [];

    /// <summary>The tokenizer.</summary>
    public TokenizerInspection? Tokenizer { get; init; }

    /// <summary>The chat template.</summary>
    public ChatTemplateInspection? ChatTemplate { get; init; }

    /// <summary>How many visual tokens pictures become.</summary>
    public IReadOnlyList<ExpectedImageTokens> ImageTokens { get; init; } = [];

    /// <summary>What keeps the folder from being opened, the first fault first.</summary>
    public IReadOnlyList<InspectionProblem> Problems { get; init; } = [];

    /// <summary>What does not keep the folder from being opened, but may fail or disappoint later.</summary>
    public IReadOnlyList<InspectionProblem> Warnings { get; init; } = [];

    /// <summary>Whether nothing was found that keeps the folder from being opened.</summary>
    public bool CanLoad => Problems.Count == 0;
}
