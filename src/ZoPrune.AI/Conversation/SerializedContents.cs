using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Conversation;

/// <summary>
/// A function's result that was text and images becomes plain JSON when a history is stored (a distributed cache, a saved session of an
/// agent), since its declared type is <see cref="object"/>. Read as JSON, a picture would be its base64 letters in the prompt.
/// </summary>
/// <remarks>
/// The same JSON may be what a tool found somewhere, so only what is an image by its bytes comes back, with the text around it. An address
/// never does: whoever wrote the JSON would have us fetch it.
/// </remarks>
internal static class SerializedContents
{
    private const string Discriminator = "$type";

    /// <summary>The contents that a result was, or the result as it is.</summary>
    public static object? Restore(object? result)
    {
        if (result is not JsonElement json)
        {
            return result;
        }

        AIContent?[] contents = json.ValueKind == JsonValueKind.Array ? [.. json.EnumerateArray().Select(ReadOne)] : [ReadOne(json)];
        return contents.Any(content => content is DataContent) && !contents.Contains(null) ? contents : result;
    }

    private static AIContent? ReadOne(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object
            || !json.TryGetProperty(Discriminator, out var kind)
            || kind.ValueKind != JsonValueKind.String
            || !(kind.ValueEquals("data") || kind.ValueEquals("text")))
        {
            return null;
        }

        try
        {
            var content = json.Deserialize((JsonTypeInfo<AIContent>)AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent)));
            return content is not DataContent data || IsImage(data) ? content : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private static bool IsImage(DataContent data) =>
        data.HasTopLevelMediaType("image") && ImageDecoder.Sniff(data.Data.Span) != ImageFormat.Unknown;
}
