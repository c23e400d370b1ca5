namespace ZoPrune.AI.Pruning;

/// <summary>The projector alone: maps rows of vision width to rows of text width, each row by itself.</summary>
/// <param name="input">[rows, d_v], row-major.</param>
/// <param name="rows">The number of rows.</param>
/// <param name="output">[rows, d_t], row-major; to be filled completely.</param>
public delegate void ProjectorFunction(ReadOnlySpan<float> input, int rows, Span<float> output);
