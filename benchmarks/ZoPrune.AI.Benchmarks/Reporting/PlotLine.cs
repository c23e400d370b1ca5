namespace ZoPrune.AI.Benchmarks.Reporting;

/// <summary>A line of a plot.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Values">Its values, one at each place of the plot.</param>
internal sealed record PlotLine(string Name, IReadOnlyList<double> Values);
