namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Adjacent characters of one origin.</summary>
/// <param name="End">Index behind the last one.</param>
/// <param name="IsUser">Whether they come from a message.</param>
internal readonly record struct TextRun(int End, bool IsUser);
