namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>A parameter of a macro.</summary>
internal sealed record MacroParameter(string Name, Expression? Default);
