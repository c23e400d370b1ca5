using System.Globalization;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Configuration;

/// <summary>How one call prunes: the client's options with the call's overrides on top.</summary>
internal sealed record PruningSettings
{
    public required double KeepRatio { get; init; }

    public required int MinVisualTokens { get; init; }

    public required int? MaxVisualTokens { get; init; }

    public required EstimatorSettings Estimator { get; init; }

    public required TokenSelection Selector { get; init; }

    public required CosineSpace CosineSpace { get; init; }

    public required PositionPolicy PositionPolicy { get; init; }

    public required bool IncludeSensitivities { get; init; }

    /// <exception cref="ArgumentException">The values do not go together.</exception>
    public static PruningSettings Create(ZoPruneOptions options, PruningOverrides? overrides)
    {
        var settings = new PruningSettings
        {
            KeepRatio = overrides?.KeepRatio ?? options.KeepRatio,
            MinVisualTokens = overrides?.MinVisualTokens ?? options.MinVisualTokens,
            MaxVisualTokens = overrides?.MaxVisualTokens ?? options.MaxVisualTokens,
            Estimator = new EstimatorSettings(
                overrides?.Estimator ?? options.Estimator,
                options.EstimatorDirections,
                options.EstimatorStep,
                overrides?.Seed ?? options.Seed),
            Selector = overrides?.Selector ?? options.Selector,
            CosineSpace = overrides?.CosineSpace ?? options.CosineSpace,
            PositionPolicy = overrides?.PositionPolicy ?? options.PositionPolicy,
            IncludeSensitivities = overrides?.IncludeSensitivities ?? options.IncludeSensitivities,
        };

        return FindFault(settings.KeepRatio, settings.MinVisualTokens, settings.MaxVisualTokens) is { } fault
            ? throw new ArgumentException("Pruning of this call: " + fault)
            : settings;
    }

    /// <summary>What is wrong with a budget, or <see langword="null"/>.</summary>
    public static string? FindFault(double keepRatio, int minimum, int? maximum)
    {
        if (!(keepRatio > 0 && keepRatio <= 1))
        {
            return Invariant($"KeepRatio is {keepRatio}; it must be above 0 and at most 1 (1 keeps every visual token).");
        }

        if (minimum < 1)
        {
            return Invariant($"MinVisualTokens is {minimum}; it must be at least 1.");
        }

        if (maximum < 1)
        {
            return Invariant($"MaxVisualTokens is {maximum}; it must be at least 1, or unset for no limit.");
        }

        return maximum < minimum
            ? Invariant($"MinVisualTokens is {minimum}, but MaxVisualTokens is {maximum}; the minimum must not be above the maximum.")
            : null;
    }

    /// <summary>What decides on the selection of an image: everything but where its tokens stand in the prompt.</summary>
    public PruningSettings ToSelectionKey() => this with { PositionPolicy = default };

    /// <summary>Whether an image may lose tokens at all.</summary>
    public bool MayPrune => KeepRatio < 1 || MaxVisualTokens is not null;

    public TokenBudget ToBudget() => new() { KeepRatio = KeepRatio, Minimum = MinVisualTokens, Maximum = MaxVisualTokens, PerCrop = true };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
