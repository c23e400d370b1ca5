namespace ZoPrune.AI.Benchmarks.EndToEnd;

/// <summary>One of the things that take turns within a round.</summary>
/// <param name="Name">What it is, for those who watch.</param>
/// <param name="RunAsync">Runs it once and gives what was measured, by name.</param>
internal sealed record Alternative(string Name, Func<CancellationToken, Task<IReadOnlyList<(string Name, double Value)>>> RunAsync);
