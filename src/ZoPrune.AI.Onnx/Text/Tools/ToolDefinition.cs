using System.Text.Json;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>A tool that a model may call.</summary>
/// <param name="Name">Its name, not empty.</param>
/// <param name="Description">What it does, in words for the model; null if nobody says.</param>
/// <param name="Parameters">The JSON schema of its arguments, which are an object.</param>
public sealed record ToolDefinition(string Name, string? Description, JsonElement Parameters);
