using System.Diagnostics.Metrics;
using ZoPrune.AI.Caching;

namespace ZoPrune.AI.Diagnostics;

/// <summary>
/// The instruments of all caches of the process, summed up by model. Clients share caches: what these hold is not any client's to report.
/// Thread-safe.
/// </summary>
internal sealed class CacheMetrics
{
    private const string Vision = "vision";
    private const string KeyValue = "key_value";

    private readonly Lock _gate = new();
    private readonly HashSet<ModelCaches> _live = [];

    // A counter never goes back: what had to go from caches that are gone themselves still counts.
    private readonly Dictionary<(string Model, string Cache), long> _pastEvictions = [];

    public CacheMetrics()
    {
        var meter = new Meter(ZoPruneTelemetry.SourceName, ClientTelemetry.Version);
        meter.CreateObservableUpDownCounter(
            ZoPruneTelemetry.CacheBytes, () => Measure(c => c.Vision.Bytes, c => c.Sequences.Bytes, []), "By", "What the caches hold.");
        meter.CreateObservableUpDownCounter(
            ZoPruneTelemetry.CacheEntries,
            () => Measure(c => c.Vision.Count, c => c.Sequences.Count, []),
            "{entry}",
            "Images or conversations in the caches.");
        meter.CreateObservableCounter(
            ZoPruneTelemetry.CacheEvictions,
            () => Measure(c => c.Vision.Evictions, c => c.Sequences.Evictions, _pastEvictions),
            "{entry}",
            "What had to go to make room.");
    }

    /// <summary>Counts caches in; those that are known already count once.</summary>
    public void Add(ModelCaches caches)
    {
        lock (_gate)
        {
            _live.Add(caches);
        }
    }

    public void Remove(ModelCaches caches)
    {
        lock (_gate)
        {
            if (_live.Remove(caches))
            {
                Add(_pastEvictions, (caches.ModelId, Vision), caches.Vision.Evictions);
                Add(_pastEvictions, (caches.ModelId, KeyValue), caches.Sequences.Evictions);
            }
        }
    }

    private static void Add(Dictionary<(string Model, string Cache), long> sums, (string Model, string Cache) key, long value) =>
        sums[key] = sums.GetValueOrDefault(key) + value;

    private Measurement<long>[] Measure(
        Func<ModelCaches, long> vision, Func<ModelCaches, long> keyValue, Dictionary<(string Model, string Cache), long> past)
    {
        lock (_gate)
        {
            var sums = new Dictionary<(string Model, string Cache), long>(past);
            foreach (var caches in _live)
            {
                Add(sums, (caches.ModelId, Vision), vision(caches));
                Add(sums, (caches.ModelId, KeyValue), keyValue(caches));
            }

            return
            [
                .. sums.Select(s => new Measurement<long>(
                    s.Value,
                    new KeyValuePair<string, object?>(ZoPruneTelemetry.CacheTag, s.Key.Cache),
                    new KeyValuePair<string, object?>(ZoPruneTelemetry.ModelTag, s.Key.Model))),
            ];
        }
    }
}
