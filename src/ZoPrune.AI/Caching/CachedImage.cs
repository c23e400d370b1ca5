using ZoPrune.AI.Configuration;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Caching;

/// <summary>What is known of a picture. Immutable: what is learnt makes a new one.</summary>
/// <remarks>
/// The projector input and the pre-activation, several times as large, are not kept. The sensitivities that were made of them are, so that
/// another budget or selector needs no run of the vision graph; only another estimator does.
/// </remarks>
/// <param name="Key">The picture.</param>
/// <param name="Width">Its width in pixels, for limits.</param>
/// <param name="Height">Its height in pixels, for limits.</param>
/// <param name="Tokens">Its visual tokens without what only the pruner reads.</param>
internal sealed record CachedImage(ImageKey Key, int Width, int Height, VisualTokens Tokens)
{
    // Calls may bring any settings. Few are used in turn; of more, what was added first goes, and is made anew if it comes again.
    private const int MostSettings = 16;

    /// <summary>The selections that were made, by the settings that decide on them.</summary>
    public IReadOnlyDictionary<PruningSettings, PruningResult> Selections { get; private init; } = new Dictionary<PruningSettings, PruningResult>();

    /// <summary>The sensitivities that were measured, by estimator.</summary>
    public IReadOnlyDictionary<SensitivityEstimator, KnownSensitivities> Sensitivities { get; private init; } =
        new Dictionary<SensitivityEstimator, KnownSensitivities>();

    /// <summary>What it takes.</summary>
    public long Bytes =>
        ((long)Tokens.Count * Tokens.Width * sizeof(float))
        + Selections.Values.Sum(s => sizeof(int) * (long)(s.Kept.Length + s.Report.Kept.Count + s.Report.PickOrder.Count + s.Report.Crops.Count))
        + Sensitivities.Values.Sum(s => sizeof(float) * (long)s.Count);

    public CachedImage With(PruningSettings settings, PruningResult result) => this with { Selections = Join(Selections, [new(settings, result)]) };

    public CachedImage With(SensitivityEstimator estimator, KnownSensitivities sensitivities) =>
        this with { Sensitivities = Join(Sensitivities, [new(estimator, sensitivities)]) };

    /// <summary>What both know: calls with different settings may learn about one picture at the same time.</summary>
    public CachedImage MergedWith(CachedImage other) => this with
    {
        Selections = Join(other.Selections, Selections),
        Sensitivities = Join(other.Sensitivities, Sensitivities),
    };

    private static OrderedDictionary<TKey, TValue> Join<TKey, TValue>(
        IReadOnlyDictionary<TKey, TValue> older, IEnumerable<KeyValuePair<TKey, TValue>> newer)
        where TKey : notnull
    {
        var all = new OrderedDictionary<TKey, TValue>(older);
        foreach (var (key, value) in newer)
        {
            all[key] = value;
        }

        while (all.Count > MostSettings)
        {
            all.RemoveAt(0);
        }

        return all;
    }
}
