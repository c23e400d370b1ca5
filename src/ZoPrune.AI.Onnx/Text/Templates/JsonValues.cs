using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Template values of JSON.</summary>
internal static class JsonValues
{
    public static TemplateValue From(JsonNode? node, bool isUser, RenderContext context)
    {
        context.Charge(1);
        switch (node)
        {
            case null:
                return NoneValue.Instance;
            case JsonArray array:
                return new ListValue([.. array.Select(item => From(item, isUser, context))]);
            case JsonObject entries:
                var dictionary = new DictionaryValue(context);
                foreach (var (name, value) in entries)
                {
                    dictionary.Entries[new TextValue(TracedText.Of(name, isUser))] = From(value, isUser, context);
                }

                return dictionary;
        }

        return node.GetValueKind() switch
        {
            JsonValueKind.True => BooleanValue.True,
            JsonValueKind.False => BooleanValue.False,
            JsonValueKind.Number => Number(node.ToJsonString()),
            JsonValueKind.String => new TextValue(TracedText.Of(node.GetValue<string>(), isUser)),
            _ => NoneValue.Instance,
        };
    }

    private static TemplateValue Number(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetInt64(out var integer)
            ? new IntegerValue(integer)
            : new FloatValue(document.RootElement.GetDouble(), json.AsSpan().ContainsAny('.', 'e', 'E') ? null : json);
    }
}
