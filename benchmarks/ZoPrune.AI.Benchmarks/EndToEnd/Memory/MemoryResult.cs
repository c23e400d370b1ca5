using ZoPrune.AI.Benchmarks.EndToEnd.Models;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Memory;

/// <summary>Peak memory of a model's cases.</summary>
/// <param name="Model">The model.</param>
/// <param name="PeakBytes">The peak of each case that was measured.</param>
internal sealed record MemoryResult(ModelCase Model, IReadOnlyDictionary<MemoryCase, long> PeakBytes);
