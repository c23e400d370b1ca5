using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Reads calls that are written as JSON: <c>{"name": …, "arguments": {…}}</c>, alone or in an array.</summary>
internal static class ToolCallJson
{
    private static readonly JsonDocumentOptions s_options = new() { AllowDuplicateProperties = false };
    private static readonly string[] s_argumentKeys = ["arguments", "parameters"];

    /// <summary>Reads a call, or an array of calls.</summary>
    /// <param name="json">The text.</param>
    /// <param name="tools">The tools by name, where no marker says that it is a call: it must be one of a tool, and have arguments.</param>
    /// <returns>The calls; none if it is anything else.</returns>
    public static List<ToolCall> Read(string json, IReadOnlyDictionary<string, ToolDefinition>? tools = null)
    {
        if (!TryParse(json, out var root))
        {
            return [];
        }

        var calls = new List<ToolCall>();
        foreach (var item in root is JsonArray array ? array.ToArray() : [root])
        {
            if (ReadCall(item, tools) is not { } call)
            {
                return [];
            }

            calls.Add(call);
        }

        return calls;
    }

    /// <summary>Decides about the object or array at a place in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="length">How long it is, or what else <see cref="JsonExtent"/> says of it.</param>
    /// <param name="head">How much is text if there is no JSON.</param>
    /// <param name="tools">The tools by name, where no marker says that it is a call.</param>
    public static ToolCallMatch Match(
        string text, int start, int length, int head, IReadOnlyDictionary<string, ToolDefinition>? tools = null)
    {
        if (length <= 0)
        {
            return length == JsonExtent.Incomplete ? ToolCallMatch.Undecided : ToolCallMatch.Text(head);
        }

        var calls = Read(text.Substring(start, length), tools);
        return calls.Count > 0 ? ToolCallMatch.Of(start + length, calls) : ToolCallMatch.Text(start + length);
    }

    /// <summary>Reads the arguments of a call.</summary>
    public static bool TryReadArguments(string json, [NotNullWhen(true)] out JsonObject? arguments)
    {
        arguments = TryParse(json, out var root) ? root as JsonObject : null;
        return arguments is not null;
    }

    /// <summary>Reads any JSON whose strings are text.</summary>
    public static bool TryParse(string json, out JsonNode? root)
    {
        root = null;
        try
        {
            using var document = JsonDocument.Parse(json, s_options);
            if (!HasText(document.RootElement))
            {
                return false;
            }

            root = JsonNode.Parse(json, documentOptions: s_options);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>A text as a JSON string, with only those characters escaped that must be.</summary>
    public static string Quote(string text) => Write(JsonValue.Create(text));

    /// <summary>JSON on one line, for a model to read.</summary>
    public static string Write(JsonNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            node.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static ToolCall? ReadCall(JsonNode? node, IReadOnlyDictionary<string, ToolDefinition>? tools)
    {
        // {"type": "function", "function": {…}} as in OpenAI's requests.
        if (node is JsonObject wrapper && wrapper["function"] is JsonObject function && !wrapper.ContainsKey("name"))
        {
            node = function;
        }

        if (node is not JsonObject call || TextOf(call["name"]) is not { } name || tools?.ContainsKey(name) == false)
        {
            return null;
        }

        var key = Array.Find(s_argumentKeys, call.ContainsKey);
        var given = key is null ? null : call[key];
        if (key is null && tools is not null)
        {
            return null;
        }

        JsonObject? arguments = given switch
        {
            null => [],
            JsonObject values => (JsonObject)values.DeepClone(),

            // Some models write the object as a string, as OpenAI does.
            _ when TextOf(given) is { } text && TryReadArguments(text, out var values) => values,
            _ => null,
        };
        return arguments is null ? null : new ToolCall(TextOf(call["id"]), name, arguments);
    }

    private static string? TextOf(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    /// <summary>Whether all strings are Unicode: an escaped half of a surrogate pair would fail whoever reads it.</summary>
    private static bool HasText(JsonElement element)
    {
        try
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.String:
                    return element.GetString() is not null;
                case JsonValueKind.Array:
                    return element.EnumerateArray().All(HasText);
                case JsonValueKind.Object:
                    return element.EnumerateObject().All(property => property.Name is not null && HasText(property.Value));
                default:
                    return true;
            }
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
