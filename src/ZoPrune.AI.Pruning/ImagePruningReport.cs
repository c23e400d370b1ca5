namespace ZoPrune.AI.Pruning;

/// <summary>What was done to the visual tokens of one image, and what not, and why.</summary>
public sealed record ImagePruningReport
{
    /// <summary>
    /// How the tokens lie over the image; null where that is unknown, and where they lie over several crops (<see cref="Crops"/>).
    /// </summary>
    public TokenGrid? Grid { get; init; }

    /// <summary>
    /// The crop (tile) of the image that each row belongs to, numbered from 0, for images that were cut; empty for others. What stands for
    /// structural
    /// rows has no meaning.
    /// </summary>
    public IReadOnlyList<int> Crops { get; init; } = [];

    /// <summary>Visual tokens before, structural ones included.</summary>
    public required int VisualTokens { get; init; }

    /// <summary>Visual tokens after, structural ones included.</summary>
    public required int VisualTokensKept { get; init; }

    /// <summary>Tokens outside the budget.</summary>
    public int StructuralTokens { get; init; }

    /// <summary>The rows that stay, ascending, structural ones included.</summary>
    public required IReadOnlyList<int> Kept { get; init; }

    /// <summary>The rows that were picked, in the order of picking, crop by crop; empty if nothing had to be selected.</summary>
    public IReadOnlyList<int> PickOrder { get; init; } = [];

    /// <summary>One sensitivity per row (0 in structural rows), if asked for.</summary>
    public IReadOnlyList<float>? Sensitivities { get; init; }

    /// <summary>
    /// Whether the visual tokens were known from an earlier call with the same picture, so that it was neither decoded nor encoded for this
    /// one. Times are zero for what was known.
    /// </summary>
    public bool IsCached { get; init; }

    /// <summary>Whether a token was dropped. If not, <see cref="Notes"/> say why.</summary>
    public bool Pruned => VisualTokensKept < VisualTokens;

    /// <summary>The estimator that ran, or null.</summary>
    public string? Estimator { get; init; }

    /// <summary>The selector that ran, or null if nothing had to be selected.</summary>
    public string? Selector { get; init; }

    /// <summary>What a reader should know, for example "sensitivity is constant: selected by diversity alone".</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Time spent on sensitivities.</summary>
    public TimeSpan EstimationTime { get; init; }

    /// <summary>Time spent on the selection.</summary>
    public TimeSpan SelectionTime { get; init; }
}
