namespace ZoPrune.AI.Pruning;

/// <summary>Options of the <see cref="TokenPruner"/>.</summary>
public sealed record TokenPrunerOptions
{
    /// <summary>Whether reports carry the sensitivities; they are then estimated even where the selection does not need them.</summary>
    public bool IncludeSensitivities { get; init; }

    /// <summary>Why there is no estimator, for the report's note, for example "the vision graph has no projector".</summary>
    public string? NoEstimatorReason { get; init; }
}
