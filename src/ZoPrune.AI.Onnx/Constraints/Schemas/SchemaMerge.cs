using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>Puts what stands beside <c>anyOf</c>, <c>oneOf</c>, <c>allOf</c> or <c>$ref</c> into the schema that it leads to.</summary>
internal static class SchemaMerge
{
    /// <summary>A schema with all that two schemas ask for.</summary>
    /// <param name="outer">The schema that leads to the other one.</param>
    /// <param name="keyword">The keyword by which it does; it is left out.</param>
    /// <param name="inner">The other one.</param>
    /// <exception cref="NotSupportedException">Both use a keyword, so that they cannot simply be put together.</exception>
    public static SchemaPlace Merge(SchemaPlace outer, string keyword, SchemaPlace inner)
    {
        var beside = outer.Schema.EnumerateObject().Where(p => p.Name != keyword && !SchemaKeywords.IsAnnotation(p.Name)).ToArray();
        if (beside.Length == 0)
        {
            return inner;
        }

        if (inner.Schema.ValueKind != JsonValueKind.Object)
        {
            throw outer.Refusal(keyword, $"{inner.Pointer} is no object, and there are other keywords beside it.");
        }

        var merged = new JsonObject();
        foreach (var property in inner.Schema.EnumerateObject().Where(p => !SchemaKeywords.IsAnnotation(p.Name)))
        {
            merged[property.Name] = Copy(property.Value);
        }

        foreach (var property in beside)
        {
            var name = property.Name;
            if (!inner.Schema.TryGetProperty(name, out var other))
            {
                merged[name] = Copy(property.Value);
            }
            else if (name == "required")
            {
                merged[name] = new JsonArray([.. Names(property.Value).Union(Names(other)).Select(n => (JsonNode)n)]);
            }
            else if (name == "items" && (IsOpen(property.Value) || IsOpen(other)))
            {
                // Generators put it there for consumers that miss it.
                merged[name] = Copy(IsOpen(other) ? property.Value : other);
            }
            else if (name == "type" && Common(property.Value, other) is { Count: > 0 } types)
            {
                merged[name] = types;
            }
            else if (!JsonElement.DeepEquals(property.Value, other))
            {
                throw outer.Refusal(keyword, $"both it ({inner.Pointer}) and what stands beside it have '{name}'.");
            }
        }

        var schema = JsonSerializer.SerializeToElement(merged, JsonNodeContext.Default.JsonObject);
        return new SchemaPlace(schema, $"{outer.Pointer}+{inner.Pointer}");
    }

    private static bool IsOpen(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.True || (schema.ValueKind == JsonValueKind.Object && schema.GetPropertyCount() == 0);

    private static JsonArray Common(JsonElement types, JsonElement others) =>
        [.. Listed(types).Intersect(Listed(others)).Select(name => (JsonNode?)name)];

    private static IEnumerable<string?> Listed(JsonElement types) => types.ValueKind == JsonValueKind.Array
        ? types.EnumerateArray().Select(type => type.GetString())
        : [types.GetString()];

    private static JsonNode? Copy(JsonElement value) => JsonNode.Parse(value.GetRawText());

    private static IEnumerable<string> Names(JsonElement list) => list.EnumerateArray().Select(name => name.GetString()!);
}
