using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>Puts what stands beside <c>anyOf</c>, <c>oneOf</c>, <c>allOf</c> or <c>$ref</c> into the schema that it leads to.</summary>
/// <remarks>
/// Keywords whose meaning depends on others beside them go together: what <c>additionalProperties</c> is about depends on
/// <c>properties</c>, and what <c>items</c> is about on <c>prefixItems</c>.
/// </remarks>
internal static class SchemaMerge
{
    private static readonly string[][] Groups = [["additionalProperties", "properties"], ["items", "prefixItems"]];

    /// <summary>A schema with all that two schemas ask for.</summary>
    /// <param name="outer">The schema that leads to the other one; an object.</param>
    /// <param name="keyword">The keyword by which it does.</param>
    /// <param name="inner">The other one.</param>
    /// <param name="keepsKeyword">Whether the outer schema's keyword still says something; else it is left out.</param>
    /// <exception cref="NotSupportedException">Both use a keyword, so that they cannot simply be put together.</exception>
    /// <exception cref="ArgumentException">A keyword is malformed.</exception>
    public static SchemaPlace Merge(SchemaPlace outer, string keyword, SchemaPlace inner, bool keepsKeyword = false)
    {
        var beside = outer.Schema.EnumerateObject()
            .Where(p => (keepsKeyword || p.Name != keyword) && !SchemaKeywords.IsAnnotation(p.Name))
            .ToArray();
        if (beside.Length == 0 || inner.Schema.ValueKind == JsonValueKind.False)
        {
            return inner;
        }

        var merged = new JsonObject();
        if (inner.Schema.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in inner.Schema.EnumerateObject().Where(p => !SchemaKeywords.IsAnnotation(p.Name)))
            {
                merged[property.Name] = Copy(property.Value);
            }
        }
        else if (inner.Schema.ValueKind != JsonValueKind.True)
        {
            throw new ArgumentException($"The JSON schema at {inner.Pointer} is neither an object nor a boolean.");
        }

        foreach (var group in Groups)
        {
            MergeGroup(merged, outer, keyword, inner, group);
        }

        foreach (var property in beside.Where(p => !Groups.Any(group => group.Contains(p.Name))))
        {
            var name = property.Name;
            if (!merged.ContainsKey(name))
            {
                merged[name] = Copy(property.Value);
            }
            else if (name == "required")
            {
                merged[name] = new JsonArray(
                    [.. SchemaTypes.Required(outer).Union(SchemaTypes.Required(inner)).Select(n => (JsonNode)n)]);
            }
            else if (name == "type"
                && SchemaTypes.Common(SchemaTypes.Named(outer)!.Value, SchemaTypes.Named(inner)!.Value) is not JsonTypes.None and var types)
            {
                merged[name] = new JsonArray([.. SchemaTypes.NamesOf(types).Select(n => (JsonNode)n)]);
            }
            else if (!JsonElement.DeepEquals(property.Value, inner.Schema.GetProperty(name)))
            {
                throw Both(outer, keyword, inner, name);
            }
        }

        var schema = JsonSerializer.SerializeToElement(merged, JsonNodeContext.Default.JsonObject);
        return new SchemaPlace(schema, $"{outer.Pointer}+{inner.Pointer}");
    }

    /// <summary>Takes a group of keywords whole, from the side that says something with it.</summary>
    private static void MergeGroup(JsonObject merged, SchemaPlace outer, string keyword, SchemaPlace inner, string[] group)
    {
        if (IsTrivial(outer, group))
        {
            return;
        }

        if (!IsTrivial(inner, group))
        {
            foreach (var name in group)
            {
                var isOuter = outer.Schema.TryGetProperty(name, out var x);
                var isInner = inner.Schema.TryGetProperty(name, out var y);
                var isSame = isOuter && isInner ? JsonElement.DeepEquals(x, y) : isOuter == isInner;
                if (!isSame && !(name == "additionalProperties" && IsOpen(x) && IsOpen(y)))
                {
                    throw Both(outer, keyword, inner, name);
                }
            }

            return;
        }

        foreach (var name in group)
        {
            merged.Remove(name);
            if (outer.Schema.TryGetProperty(name, out var value))
            {
                merged[name] = Copy(value);
            }
        }
    }

    /// <summary>Whether a schema says nothing by its group, like <c>items: {}</c>, which generators put there.</summary>
    private static bool IsTrivial(SchemaPlace place, string[] group) => place.Schema.ValueKind != JsonValueKind.Object
        || (!place.Schema.TryGetProperty(group[1], out _) && (!place.Schema.TryGetProperty(group[0], out var rest) || IsOpen(rest)));

    private static NotSupportedException Both(SchemaPlace outer, string keyword, SchemaPlace inner, string name) => outer.Refusal(
        keyword,
        $"both it ({inner.Pointer}) and what stands beside it say something about the same values, and differ in '{name}'.");

    /// <summary>Whether a schema allows everything, as one that is not there does.</summary>
    private static bool IsOpen(JsonElement schema) => schema.ValueKind is JsonValueKind.True or JsonValueKind.Undefined
        || (schema.ValueKind == JsonValueKind.Object && schema.GetPropertyCount() == 0);

    private static JsonNode? Copy(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        _ => JsonValue.Create(value),
    };
}
