using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI;

/// <summary>What one call changes about pruning. A property that is <see langword="null"/> leaves the client's <see cref="ZoPruneOptions"/> as they are.</summary>
/// <remarks>
/// Set with <see cref="ZoPruneChatOptionsExtensions.WithPruning"/>. Stored as plain values in <c>ChatOptions.AdditionalProperties</c> under <c>ZoPrune.</c> and the
/// property's name (<c>ZoPrune.KeepRatio</c>), so that options stay serialisable and values may also come from JSON or text.
/// </remarks>
public sealed class PruningOverrides
{
    /// <summary>The share of an image's visual tokens that stays: above 0, at most 1; 1 prunes nothing.</summary>
    public double? KeepRatio { get; set; }

    /// <summary>The most visual tokens that one image keeps, at least 1.</summary>
    public int? MaxVisualTokens { get; set; }

    /// <summary>The fewest visual tokens that one image keeps, at least 1.</summary>
    public int? MinVisualTokens { get; set; }

    /// <summary>How the sensitivity of visual tokens is found.</summary>
    public SensitivityEstimation? Estimator { get; set; }

    /// <summary>The rule that selects the tokens that stay.</summary>
    public TokenSelection? Selector { get; set; }

    /// <summary>The space in which selectors compare embeddings.</summary>
    public CosineSpace? CosineSpace { get; set; }

    /// <summary>The seed of the zeroth-order directions and of random selection. It is not the seed of sampling, which is <c>ChatOptions.Seed</c>.</summary>
    public int? Seed { get; set; }

    /// <summary>Which positions the kept tokens take in the prompt.</summary>
    public PositionPolicy? PositionPolicy { get; set; }

    /// <summary>Whether the pruning report carries the sensitivity of every token.</summary>
    public bool? IncludeSensitivities { get; set; }
}
