using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace ZoPrune.AI.Diagnostics;

/// <summary>The activity source and the instruments of one client.</summary>
internal sealed class ClientTelemetry : IDisposable
{
    private static readonly double[] Seconds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50];

    private readonly Meter? _ownMeter;

    /// <param name="meterFactory">Owns the meter if there is one; else the client does.</param>
    public ClientTelemetry(IMeterFactory? meterFactory)
    {
        Source = new ActivitySource(ZoPruneTelemetry.SourceName, Version);
        var meter = meterFactory?.Create(ZoPruneTelemetry.SourceName, Version)
            ?? (_ownMeter = new Meter(ZoPruneTelemetry.SourceName, Version));
        StageDuration = meter.CreateHistogram(
            ZoPruneTelemetry.StageDuration,
            "s",
            "The duration of a stage of a call.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        VisualTokens = meter.CreateCounter<long>(ZoPruneTelemetry.VisualTokens, "{token}", "Visual tokens before pruning.");
        VisualTokensKept = meter.CreateCounter<long>(
            ZoPruneTelemetry.VisualTokensKept, "{token}", "Visual tokens that stayed after pruning.");
        VisionCacheHits = meter.CreateCounter<long>(ZoPruneTelemetry.VisionCacheHits, "{image}", "Images that were known already.");
        VisionCacheMisses = meter.CreateCounter<long>(
            ZoPruneTelemetry.VisionCacheMisses, "{image}", "Images that were decoded and encoded.");
        CachedPromptTokens = meter.CreateCounter<long>(
            ZoPruneTelemetry.CachedPromptTokens, "{token}", "Tokens of prompts that were not computed again.");
    }

    /// <summary>The version of sources and meters.</summary>
    public static string? Version { get; } = typeof(ClientTelemetry).Assembly.GetName().Version?.ToString(3);

    public ActivitySource Source { get; }

    public Counter<long> VisionCacheHits { get; }

    public Counter<long> VisionCacheMisses { get; }

    public Counter<long> CachedPromptTokens { get; }

    public Histogram<double> StageDuration { get; }

    public Counter<long> VisualTokens { get; }

    public Counter<long> VisualTokensKept { get; }

    public void Dispose()
    {
        Source.Dispose();
        _ownMeter?.Dispose();
    }
}
