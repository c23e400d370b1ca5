using Microsoft.Extensions.Logging;
using ZoPrune.AI.Content;
using ZoPrune.AI.Diagnostics;

namespace ZoPrune.AI.Generation;

/// <summary>What the calls of one client share.</summary>
internal sealed record ClientServices(
    ZoPruneOptions Options, ModelSource Model, ImageReader Images, ClientTelemetry Telemetry, ILogger Logger)
{
    /// <summary>What answers were held to.</summary>
    public GrammarCache Grammars { get; } = new();
}
