using System.Text;
using System.Text.Json;

namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>A copy of a schema that is sound as JSON: no property twice, no half of a surrogate pair, not too deep.</summary>
internal static class SchemaText
{
    /// <summary>The most JSON objects and arrays of a schema in one another.</summary>
    public const int MostDepth = 64;

    /// <exception cref="NotSupportedException">It nests too deep.</exception>
    /// <exception cref="ArgumentException">It is malformed.</exception>
    public static JsonElement Copy(JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.Undefined)
        {
            throw new ArgumentException("The JSON schema is not there: the element is undefined.");
        }

        var text = Encoding.UTF8.GetBytes(schema.GetRawText());
        Check(text);
        try
        {
            using var document = JsonDocument.Parse(
                text,
                new JsonDocumentOptions
                {
                    MaxDepth = MostDepth,
                    AllowDuplicateProperties = false,
                    CommentHandling = JsonCommentHandling.Skip,
                    AllowTrailingCommas = true,
                });
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The JSON schema is malformed: {e.Message}", e);
        }
    }

    private static void Check(byte[] text)
    {
        var reader = new Utf8JsonReader(text, new JsonReaderOptions
        {
            MaxDepth = int.MaxValue,
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
        });
        try
        {
            while (reader.Read())
            {
                if ((reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray) && reader.CurrentDepth >= MostDepth)
                {
                    throw new NotSupportedException($"The JSON schema is not supported: it nests more than {MostDepth} deep.");
                }

                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
                {
                    reader.GetString();
                }
            }
        }
        catch (InvalidOperationException e)
        {
            throw new ArgumentException(
                $"The JSON schema is malformed: at byte {reader.TokenStartIndex} there is a string that is no valid text.", e);
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The JSON schema is malformed: {e.Message}", e);
        }
    }
}
