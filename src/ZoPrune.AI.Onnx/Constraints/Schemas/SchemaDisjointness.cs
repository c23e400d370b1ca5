using System.Text.Json;

namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>Whether no value satisfies two schemas at once, as far as that is plain to see.</summary>
internal static class SchemaDisjointness
{
    private const long MostComparisons = 1_000_000;

    /// <exception cref="ArgumentException">A keyword that is looked at is malformed.</exception>
    public static bool AreDisjoint(SchemaPlace x, SchemaPlace y)
    {
        if (x.Schema.ValueKind != JsonValueKind.Object || y.Schema.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        if (Types(x) is { } first && Types(y) is { } second && SchemaTypes.Common(first, second) == JsonTypes.None)
        {
            return true;
        }

        if (Values(x) is { } values && Values(y) is { } others)
        {
            return (long)values.Count * others.Count <= MostComparisons
                && !values.Exists(value => others.Exists(other => JsonElement.DeepEquals(value, other)));
        }

        // Objects that a required property tells apart.
        return Types(x) == JsonTypes.Object
            && Types(y) == JsonTypes.Object
            && SchemaTypes.Required(x).Intersect(SchemaTypes.Required(y)).Any(name =>
                Property(x, name) is { } left && Property(y, name) is { } right && AreDisjoint(left, right));
    }

    private static JsonTypes? Types(SchemaPlace place) =>
        SchemaTypes.Named(place) ?? Values(place)?.Aggregate(JsonTypes.None, (types, value) => types | SchemaTypes.Of(value));

    private static List<JsonElement>? Values(SchemaPlace place) =>
        place.Schema.TryGetProperty("const", out var value) ? [value]
        : place.Schema.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array ? [.. values.EnumerateArray()]
        : null;

    private static SchemaPlace? Property(SchemaPlace place, string name) =>
        place.Schema.TryGetProperty("properties", out var properties)
        && properties.ValueKind == JsonValueKind.Object
        && properties.TryGetProperty(name, out _)
            ? place.At("properties", name)
            : null;
}
