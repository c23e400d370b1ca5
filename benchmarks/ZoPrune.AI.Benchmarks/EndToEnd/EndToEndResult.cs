using ZoPrune.AI.Benchmarks.EndToEnd.Estimators;
using ZoPrune.AI.Benchmarks.EndToEnd.Growth;
using ZoPrune.AI.Benchmarks.EndToEnd.Memory;
using ZoPrune.AI.Benchmarks.EndToEnd.Models;

namespace ZoPrune.AI.Benchmarks.EndToEnd;

/// <summary>Everything that a run measured.</summary>
/// <param name="Models">Models, in the order of the run.</param>
/// <param name="Estimators">Estimators against the exact closed form.</param>
/// <param name="Memory">Peak memory.</param>
/// <param name="Growth">How cost grows.</param>
internal sealed record EndToEndResult(
    IReadOnlyList<ModelResult> Models,
    IReadOnlyList<EstimatorResult> Estimators,
    IReadOnlyList<MemoryResult> Memory,
    IReadOnlyList<GrowthResult> Growth);
