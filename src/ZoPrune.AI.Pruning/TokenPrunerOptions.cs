namespace ZoPrune.AI.Pruning;

/// <summary>Options of the <see cref="TokenPruner"/>.</summary>
public sealed record TokenPrunerOptions
{
    /// <summary>Whether reports carry the sensitivities; they are then estimated even where the selection does not need them.</summary>
    public bool IncludeSensitivities { get; init; }

    /// <summary>Why there is no estimator, for the report's note, for example "the vision graph has no projector".</summary>
    public string? NoEstimatorReason { get; init; }

    /// <summary>What reports should say of the estimator where it runs, for example that it is not the one that was asked for.</summary>
    public string? EstimatorNote { get; init; }
}
