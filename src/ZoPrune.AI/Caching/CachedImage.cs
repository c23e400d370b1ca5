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
    // Calls may bring any settings; what they leave behind must stay bounded.
    private const int MostSettings = 16;

    /// <summary>The selections that were made, by the settings that decide on them.</summary>
    public IReadOnlyDictionary<PruningSettings, PruningResult> Selections { get; private init; } = new Dictionary<PruningSettings, PruningResult>();

    /// <summary>The sensitivities that were measured, by estimator.</summary>
    public IReadOnlyDictionary<EstimatorSettings, KnownSensitivities> Sensitivities { get; private init; } =
        new Dictionary<EstimatorSettings, KnownSensitivities>();

    /// <summary>What it takes.</summary>
    public long Bytes =>
        ((long)Tokens.Count * Tokens.Width * sizeof(float))
        + Selections.Values.Sum(s => sizeof(int) * (long)(s.Kept.Length + s.Report.Kept.Count + s.Report.PickOrder.Count + s.Report.Crops.Count))
        + Sensitivities.Values.Sum(s => sizeof(float) * (long)s.Count);

    public CachedImage With(PruningSettings settings, PruningResult result, KnownSensitivities? sensitivities) => this with
    {
        Selections = Add(Selections, settings, result),
        Sensitivities = sensitivities is null ? Sensitivities : Add(Sensitivities, settings.Estimator, sensitivities),
    };

    /// <summary>What both know: calls with different settings may learn about one picture at the same time.</summary>
    public CachedImage With(CachedImage other) => other.Selections.Count + Selections.Count > MostSettings
        ? this
        : this with
        {
            Selections = Union(other.Selections, Selections),
            Sensitivities = Union(other.Sensitivities, Sensitivities),
        };

    private static Dictionary<TKey, TValue> Add<TKey, TValue>(IReadOnlyDictionary<TKey, TValue> known, TKey key, TValue value)
        where TKey : notnull =>
        new(known.Count < MostSettings ? known : new Dictionary<TKey, TValue>()) { [key] = value };

    private static Dictionary<TKey, TValue> Union<TKey, TValue>(IReadOnlyDictionary<TKey, TValue> first, IReadOnlyDictionary<TKey, TValue> second)
        where TKey : notnull
    {
        var union = new Dictionary<TKey, TValue>(first);
        foreach (var (key, value) in second)
        {
            union[key] = value;
        }

        return union;
    }
}
