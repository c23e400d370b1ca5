using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace ZoPrune.AI.Conversation;

/// <summary>
/// A function's result that was text and images becomes plain JSON when a history is stored (a distributed cache, a saved session of an
/// agent), since its declared type is <see cref="object"/>. Read as JSON, a picture would be its base64 letters in the prompt.
/// </summary>
internal static class SerializedContents
{
    private const string Discriminator = "$type";

    // Only what a result can show; anything else that says $type is a tool's own JSON.
    private static readonly string[] s_kinds = ["data", "uri", "text"];

    /// <summary>The contents that a result was, or the result as it is.</summary>
    public static object? Restore(object? result) => result is JsonElement json ? (object?)ReadOne(json) ?? ReadSeveral(json) ?? result : result;

    private static List<AIContent>? ReadSeveral(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array || json.GetArrayLength() == 0)
        {
            return null;
        }

        var contents = new List<AIContent>();
        foreach (var item in json.EnumerateArray())
        {
            if (ReadOne(item) is not { } content)
            {
                return null;
            }

            contents.Add(content);
        }

        return contents;
    }

    private static AIContent? ReadOne(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object
            || !json.TryGetProperty(Discriminator, out var kind)
            || kind.ValueKind != JsonValueKind.String
            || !s_kinds.Contains(kind.GetString(), StringComparer.Ordinal))
        {
            return null;
        }

        try
        {
            return json.Deserialize((JsonTypeInfo<AIContent>)AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent)));
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException or UriFormatException)
        {
            return null;
        }
    }
}
