using System.Text.Json;

namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>The keywords <c>type</c> and <c>required</c>, and the types of values.</summary>
internal static class SchemaTypes
{
    private static readonly (string Name, JsonTypes Type)[] Names =
    [
        ("null", JsonTypes.Null), ("boolean", JsonTypes.Boolean), ("integer", JsonTypes.Integer), ("number", JsonTypes.Number),
        ("string", JsonTypes.String), ("array", JsonTypes.Array), ("object", JsonTypes.Object),
    ];

    /// <summary>The types that a schema names; <see langword="null"/> if it names none.</summary>
    /// <exception cref="ArgumentException">The keyword is malformed.</exception>
    public static JsonTypes? Named(SchemaPlace place)
    {
        if (!place.Schema.TryGetProperty("type", out var type))
        {
            return null;
        }

        JsonElement[] names = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray()] : [type];
        var result = JsonTypes.None;
        foreach (var name in names)
        {
            var text = name.ValueKind == JsonValueKind.String ? name.GetString() : null;
            var known = Array.FindIndex(Names, n => n.Name == text);
            result |= known >= 0
                ? Names[known].Type
                : throw place.Malformed("type", "the name of a type or a list of such names");
        }

        return result != JsonTypes.None ? result : throw place.Malformed("type", "a list that is not empty");
    }

    /// <summary>The names of types.</summary>
    public static IEnumerable<string> NamesOf(JsonTypes types) => Names.Where(n => types.HasFlag(n.Type)).Select(n => n.Name);

    /// <summary>The types that are among both. Integers are numbers.</summary>
    public static JsonTypes Common(JsonTypes x, JsonTypes y)
    {
        var common = WithIntegers(x) & WithIntegers(y);
        return common.HasFlag(JsonTypes.Number) ? common & ~JsonTypes.Integer : common;

        static JsonTypes WithIntegers(JsonTypes types) => types.HasFlag(JsonTypes.Number) ? types | JsonTypes.Integer : types;
    }

    /// <summary>The type of a value; numbers without a fraction are of two.</summary>
    public static JsonTypes Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => JsonTypes.Null,
        JsonValueKind.True or JsonValueKind.False => JsonTypes.Boolean,
        JsonValueKind.Number => value.TryGetDecimal(out var number) && number == Math.Floor(number)
            ? JsonTypes.Integer | JsonTypes.Number
            : JsonTypes.Number,
        JsonValueKind.String => JsonTypes.String,
        JsonValueKind.Array => JsonTypes.Array,
        _ => JsonTypes.Object,
    };

    /// <summary>The names that a schema requires.</summary>
    /// <exception cref="ArgumentException">The keyword is malformed.</exception>
    public static HashSet<string> Required(SchemaPlace place)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (place.Schema.TryGetProperty("required", out var list))
        {
            foreach (var name in list.ValueKind == JsonValueKind.Array
                ? list.EnumerateArray()
                : throw place.Malformed("required", "a list"))
            {
                names.Add(name.ValueKind == JsonValueKind.String
                    ? name.GetString()!
                    : throw place.Malformed("required", "a list of names"));
            }
        }

        return names;
    }
}
