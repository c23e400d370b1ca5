namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>A piece of an answer: either text or a call.</summary>
/// <param name="Text">Text that is no part of a call; null for a call.</param>
/// <param name="Call">A whole call; null for text.</param>
public readonly record struct ToolCallPiece(string? Text, ToolCall? Call);
