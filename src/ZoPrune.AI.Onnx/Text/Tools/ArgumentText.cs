using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Values of arguments that models write as bare text: only the schema can tell the string "1" from the number.</summary>
internal static class ArgumentText
{
    // References may go round in circles.
    private const int LargestDepth = 16;

    /// <summary>The value of an argument.</summary>
    /// <param name="text">The text.</param>
    /// <param name="tool">The tool; null if it is unknown.</param>
    /// <param name="argument">The name of the argument.</param>
    public static JsonNode? Read(string text, ToolDefinition? tool, string argument)
    {
        var types = new HashSet<string>(StringComparer.Ordinal);
        if (tool is not null && Property(tool.Parameters, "properties") is { } properties && Property(properties, argument) is { } schema)
        {
            AddTypes(types, schema, tool.Parameters, 0);
        }

        if (types.Contains("string"))
        {
            return types.Contains("null") && text == "null" ? null : JsonValue.Create(text);
        }

        if (types.Contains("boolean") && text is "True" or "False")
        {
            return JsonValue.Create(text == "True");
        }

        return ToolCallJson.TryParse(text, out var value) ? value : JsonValue.Create(text);
    }

    private static void AddTypes(HashSet<string> types, JsonElement schema, JsonElement root, int depth)
    {
        if (depth > LargestDepth || schema.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (Property(schema, "type") is { } type)
        {
            types.UnionWith(Items(type).Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()!));
        }
        else if (Property(schema, "enum") is { ValueKind: JsonValueKind.Array } values)
        {
            types.UnionWith(values.EnumerateArray().Select(TypeOf));
        }
        else if (Property(schema, "const") is { } constant)
        {
            types.Add(TypeOf(constant));
        }

        foreach (var keyword in (string[])["anyOf", "oneOf", "allOf"])
        {
            foreach (var choice in Property(schema, keyword) is { } choices ? Items(choices) : [])
            {
                AddTypes(types, choice, root, depth + 1);
            }
        }

        if (Property(schema, "$ref") is { ValueKind: JsonValueKind.String } reference && Resolve(root, reference.GetString()!) is { } target)
        {
            AddTypes(types, target, root, depth + 1);
        }
    }

    private static JsonElement[] Items(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? [.. element.EnumerateArray()] : [element];

    private static JsonElement? Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    /// <summary>Follows a reference into the same schema; null if it leads nowhere.</summary>
    private static JsonElement? Resolve(JsonElement root, string reference)
    {
        if (!reference.StartsWith('#'))
        {
            return null;
        }

        JsonElement? at = root;
        foreach (var part in reference[1..].Split('/').Skip(1))
        {
            var name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            at = at is { ValueKind: JsonValueKind.Array } array && int.TryParse(name, out var index) && index >= 0 && index < array.GetArrayLength()
                ? array[index]
                : at is { } element ? Property(element, name) : null;
        }

        return at;
    }

    private static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Null => "null",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => "number",
        JsonValueKind.Array => "array",
        _ => "object",
    };
}
