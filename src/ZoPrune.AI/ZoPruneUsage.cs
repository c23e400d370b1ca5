namespace ZoPrune.AI;

/// <summary>Keys of what answers carry beyond the members of Microsoft.Extensions.AI.</summary>
public static class ZoPruneUsage
{
    /// <summary>Key in <c>UsageDetails.AdditionalCounts</c>: visual tokens of all images before pruning.</summary>
    public const string VisualTokens = "ZoPrune.VisualTokens";

    /// <summary>Key in <c>UsageDetails.AdditionalCounts</c>: visual tokens that were part of the prompt.</summary>
    public const string VisualTokensKept = "ZoPrune.VisualTokensKept";

    /// <summary>Key in <c>AdditionalProperties</c> of a response: its pruning report.</summary>
    public const string PruningReport = "ZoPrune.PruningReport";

    /// <summary>Key in <c>AdditionalProperties</c> of a response: its <see cref="StageTimes"/>.</summary>
    public const string StageTimes = "ZoPrune.StageTimes";

    /// <summary>
    /// Key in <c>AdditionalProperties</c> of a response: the position policy that was used, <c>Compact</c> or <c>Original</c>.
    /// </summary>
    public const string UsedPositionPolicy = "ZoPrune.UsedPositionPolicy";

    /// <summary>
    /// Key in <c>AdditionalProperties</c> of a response: what generated it, <c>OnnxRuntime</c> (this library's own sessions) or the name of
    /// <see cref="ZoPruneOptions.LanguageModel"/>.
    /// </summary>
    public const string UsedLanguageModel = "ZoPrune.UsedLanguageModel";
}
