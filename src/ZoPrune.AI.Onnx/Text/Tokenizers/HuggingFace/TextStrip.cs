namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>What is removed from the ends of a decoded text.</summary>
/// <param name="Content">The UTF-8 bytes of the character.</param>
/// <param name="Start">How often at most at the start.</param>
/// <param name="Stop">How often at most at the end.</param>
internal sealed record TextStrip(byte[] Content, int Start, int Stop);
