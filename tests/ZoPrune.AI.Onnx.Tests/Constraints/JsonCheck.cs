using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;

namespace ZoPrune.AI.Onnx.Tests.Constraints;

/// <summary>A second opinion on JSON texts: JsonSchema.Net's.</summary>
/// <remarks>
/// It counts the graphemes of a string where the standard counts code points, so lengths are put to it as regular expressions.
/// </remarks>
internal sealed class JsonCheck
{
    private readonly JsonSchema _schema;
    private readonly string _text;

    public JsonCheck(JsonElement schema)
    {
        _text = schema.GetRawText();
        var node = JsonNode.Parse(_text)!;
        ReplaceLengths(node);
        _schema = JsonSchema.FromText(node.ToJsonString());
    }

    public bool IsValid(string json)
    {
        using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        return _schema.Evaluate(document.RootElement, new EvaluationOptions { RequireFormatValidation = true }).IsValid;
    }

    public void Valid(string json)
    {
        try
        {
            Assert.True(IsValid(json), $"{json} does not satisfy {_text}");
        }
        catch (JsonException e)
        {
            Assert.Fail($"{json} is no JSON ({e.Message}); schema {_text}");
        }
    }

    private static void ReplaceLengths(JsonNode? node)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list)
            {
                ReplaceLengths(item);
            }
        }

        if (node is not JsonObject schema)
        {
            return;
        }

        foreach (var (_, value) in schema)
        {
            ReplaceLengths(value);
        }

        var (min, max) = (schema["minLength"], schema["maxLength"]);
        if (min is JsonValue || max is JsonValue)
        {
            schema.Remove("minLength");
            schema.Remove("maxLength");
            schema["allOf"] = new JsonArray(new JsonObject
            {
                ["pattern"] = $@"^(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|[^\uD800-\uDFFF]){{{min?.ToString() ?? "0"},{max}}}$(?!\n)",
            });
        }
    }
}
