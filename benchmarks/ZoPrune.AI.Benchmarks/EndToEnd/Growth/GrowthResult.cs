using ZoPrune.AI.Benchmarks.Reporting;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Growth;

/// <summary>How cost grows with one number.</summary>
/// <param name="File">The name of the plot's file.</param>
/// <param name="Plot">The plot.</param>
internal sealed record GrowthResult(string File, GrowthPlot Plot);
