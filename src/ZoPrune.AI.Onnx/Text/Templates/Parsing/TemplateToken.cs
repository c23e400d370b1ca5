namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A token of a template.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Text">Its text.</param>
/// <param name="Line">The line that it starts on, from 1.</param>
internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Text, int Line);
