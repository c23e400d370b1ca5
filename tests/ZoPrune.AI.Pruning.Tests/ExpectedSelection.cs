namespace ZoPrune.AI.Pruning.Tests;

/// <summary>Recorded picks in order, and the smallest lead of a pick over the runner-up, where recorded.</summary>
internal sealed record ExpectedSelection(int[] Picks, double? Margin);
