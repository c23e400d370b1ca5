namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>A part of a text that is merged on its own.</summary>
/// <param name="Start">Index of its first character.</param>
/// <param name="Length">Its number of characters.</param>
/// <param name="IsWhole">True if a vocabulary entry of exactly this text is taken without running merges.</param>
internal readonly record struct TextPiece(int Start, int Length, bool IsWhole);
