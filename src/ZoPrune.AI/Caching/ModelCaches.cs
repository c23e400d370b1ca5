using System.Diagnostics.Metrics;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Caching;

/// <summary>What is kept of one model's calls, within one set of bounds.</summary>
internal sealed class ModelCaches : IDisposable
{
    private readonly Meter _meter = new(ZoPruneTelemetry.SourceName);
    private readonly string _modelId;

    public ModelCaches(VisionLanguageModel model, CacheLimits limits)
    {
        _modelId = model.ModelId;
        Vision = new VisionCache(limits.VisionFeatureBytes);
        Sequences = model.CreateSequencePool(limits.KeyValueBytes);

        // Clients share caches: what they hold is reported by the caches, once, not by every client.
        _meter.CreateObservableGauge(
            ZoPruneTelemetry.CacheBytes, () => Measure(Vision.Bytes, Sequences.Bytes), "By", "What a cache holds.");
        _meter.CreateObservableGauge(
            ZoPruneTelemetry.CacheEntries, () => Measure(Vision.Count, Sequences.Count), "{entry}", "Images or conversations in a cache.");
        _meter.CreateObservableCounter(
            ZoPruneTelemetry.CacheEvictions, () => Measure(Vision.Evictions, Sequences.Evictions), "{entry}", "What had to go to make room.");
    }

    /// <summary>Pictures.</summary>
    public VisionCache Vision { get; }

    /// <summary>Conversations.</summary>
    public SequencePool Sequences { get; }

    public void Dispose()
    {
        _meter.Dispose();
        Sequences.Dispose();
        Vision.Clear();
    }

    private Measurement<long>[] Measure(long vision, long keyValue) => [Of(vision, "vision"), Of(keyValue, "key_value")];

    private Measurement<long> Of(long value, string cache) => new(
        value,
        new KeyValuePair<string, object?>(ZoPruneTelemetry.CacheTag, cache),
        new KeyValuePair<string, object?>(ZoPruneTelemetry.ModelTag, _modelId));
}
