namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>Which keywords say what.</summary>
internal static class SchemaKeywords
{
    /// <summary>Keywords that constrain values of one type only.</summary>
    public static IReadOnlyDictionary<string, JsonTypes> ByType { get; } = new Dictionary<string, JsonTypes>(StringComparer.Ordinal)
    {
        ["properties"] = JsonTypes.Object,
        ["required"] = JsonTypes.Object,
        ["additionalProperties"] = JsonTypes.Object,
        ["items"] = JsonTypes.Array,
        ["prefixItems"] = JsonTypes.Array,
        ["minItems"] = JsonTypes.Array,
        ["maxItems"] = JsonTypes.Array,
        ["uniqueItems"] = JsonTypes.Array,
        ["minLength"] = JsonTypes.String,
        ["maxLength"] = JsonTypes.String,
        ["pattern"] = JsonTypes.String,
        ["format"] = JsonTypes.String,
        ["minimum"] = JsonTypes.Number,
        ["maximum"] = JsonTypes.Number,
        ["exclusiveMinimum"] = JsonTypes.Number,
        ["exclusiveMaximum"] = JsonTypes.Number,
        ["multipleOf"] = JsonTypes.Number,
    };

    /// <summary>Keywords for values of all types.</summary>
    public static IReadOnlySet<string> General { get; } =
        new HashSet<string>(StringComparer.Ordinal) { "type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref" };

    /// <summary>
    /// Keywords that constrain nothing. Those that begin with <c>x-</c> belong to them.
    /// </summary>
    public static IReadOnlySet<string> Annotations { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "title", "description", "default", "examples", "example", "$schema", "$id", "$comment", "$defs", "definitions", "readOnly",
        "writeOnly", "deprecated", "nullable", "contentEncoding", "contentMediaType", "contentSchema", "$vocabulary",
    };

    public static bool IsAnnotation(string keyword) => Annotations.Contains(keyword) || keyword.StartsWith("x-", StringComparison.Ordinal);
}
