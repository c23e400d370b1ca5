namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>A text on its way through the pre-tokenizers.</summary>
/// <param name="Text">The text; in byte-level tokenizers, later on, in the alphabet of bytes.</param>
/// <param name="IsAtStart">Whether it is the beginning of the whole prompt.</param>
internal readonly record struct PreToken(string Text, bool IsAtStart);
