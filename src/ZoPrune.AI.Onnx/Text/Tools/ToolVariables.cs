using System.Text.Json.Nodes;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Tools as chat templates expect them.</summary>
internal static class ToolVariables
{
    /// <summary>OpenAI's list of functions; null if there are no tools.</summary>
    public static JsonArray? Of(IReadOnlyList<ToolDefinition> tools) => tools.Count == 0 ? null : [.. tools.Select(tool => (JsonNode)new JsonObject
    {
        ["type"] = "function",
        ["function"] = Function(tool),
    })];

    private static JsonObject Function(ToolDefinition tool)
    {
        var function = new JsonObject { ["name"] = tool.Name };
        if (!string.IsNullOrEmpty(tool.Description))
        {
            function["description"] = tool.Description;
        }

        function["parameters"] = JsonNode.Parse(tool.Parameters.GetRawText());
        return function;
    }
}
