using System.Text.Json;

namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>Whether no value satisfies two schemas at once, as far as that is plain to see.</summary>
internal static class SchemaDisjointness
{
    public static bool AreDisjoint(JsonElement x, JsonElement y)
    {
        if (x.ValueKind != JsonValueKind.Object || y.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        if (Types(x) is { } first && Types(y) is { } second && (first & second) == 0)
        {
            return true;
        }

        if (Values(x) is { } values && Values(y) is { } others)
        {
            return !values.Exists(value => others.Exists(other => JsonElement.DeepEquals(value, other)));
        }

        // Objects that a required property tells apart.
        return IsObject(x) && IsObject(y) && Required(x).Intersect(Required(y)).Any(name =>
            Property(x, name) is { } left && Property(y, name) is { } right && AreDisjoint(left, right));
    }

    private static JsonTypes? Types(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
        {
            return Values(schema)?.Aggregate(JsonTypes.None, (types, value) => types | TypeOf(value));
        }

        var names = type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(t => t.GetString()) : [type.GetString()];
        var result = JsonTypes.None;
        foreach (var name in names)
        {
            // Integers are numbers.
            result |= name switch
            {
                "null" => JsonTypes.Null,
                "boolean" => JsonTypes.Boolean,
                "integer" or "number" => JsonTypes.Number,
                "string" => JsonTypes.String,
                "array" => JsonTypes.Array,
                _ => JsonTypes.Object,
            };
        }

        return result;
    }

    private static JsonTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonTypes.Null,
        JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
        JsonValueKind.Number => JsonTypes.Number,
        JsonValueKind.String => JsonTypes.String,
        JsonValueKind.Array => JsonTypes.Array,
        _ => JsonTypes.Object,
    };

    private static List<JsonElement>? Values(JsonElement schema) =>
        schema.TryGetProperty("const", out var value) ? [value]
        : schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array ? [.. values.EnumerateArray()]
        : null;

    private static bool IsObject(JsonElement schema) => Types(schema) == JsonTypes.Object;

    private static IEnumerable<string> Required(JsonElement schema) =>
        schema.TryGetProperty("required", out var names) && names.ValueKind == JsonValueKind.Array
            ? names.EnumerateArray().Select(name => name.GetString()!)
            : [];

    private static JsonElement? Property(JsonElement schema, string name) =>
        schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(name, out var property) ? property : null;
}
