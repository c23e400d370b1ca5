using System.Text.Json.Nodes;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>A call of a tool, as a model writes it or a history tells it.</summary>
/// <param name="Id">What its result is matched by; null where the model writes none.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">The arguments by name; empty if there are none.</param>
public sealed record ToolCall(string? Id, string Name, JsonObject Arguments);
