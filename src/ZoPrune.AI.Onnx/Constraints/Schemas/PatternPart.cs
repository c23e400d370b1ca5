namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>A part of a regular expression.</summary>
/// <param name="Node">What it matches, as the inside of a JSON string.</param>
/// <param name="Min">The fewest characters.</param>
/// <param name="Max">The most characters; <see langword="null"/>: no limit.</param>
internal readonly record struct PatternPart(GrammarNode Node, int Min, int? Max);
