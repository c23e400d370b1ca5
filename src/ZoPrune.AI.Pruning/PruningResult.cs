namespace ZoPrune.AI.Pruning;

/// <summary>The rows of one image that stay, and how that came about.</summary>
/// <param name="Kept">The rows that stay, ascending, structural ones included.</param>
/// <param name="Report">What was done.</param>
public sealed record PruningResult(int[] Kept, ImagePruningReport Report);
