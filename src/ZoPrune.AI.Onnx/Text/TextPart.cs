namespace ZoPrune.AI.Onnx.Text;

/// <summary>Text of a chat turn; data, never control tokens.</summary>
/// <param name="Text">The text.</param>
public sealed record TextPart(string Text) : ChatPart;
