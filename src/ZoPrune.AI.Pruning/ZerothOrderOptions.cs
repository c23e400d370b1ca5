namespace ZoPrune.AI.Pruning;

/// <summary>Options of the <see cref="ZerothOrderEstimator"/>; the defaults are those of arXiv 2509.24837.</summary>
public sealed record ZerothOrderOptions
{
    /// <summary>The number m of random directions, at least one. Not used where directions are given.</summary>
    public int Directions { get; init; } = 64;

    /// <summary>The step h, positive and finite, in units of the projector input.</summary>
    public float Step { get; init; } = 0.01f;

    /// <summary>Seeds the directions: the same seed gives the same directions, hence the same selection, on every platform.</summary>
    public int Seed { get; init; }

    /// <summary>The most rows that one call of the projector gets, at least two; bounds the memory.</summary>
    public int MaxBatchRows { get; init; } = 2048;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Directions);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchRows, 2);
        if (!float.IsFinite(Step) || Step <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(Step), Step, "The step must be positive and finite.");
        }
    }
}
