using System.Text.Json;
using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Reads JSON files with errors that name the file.</summary>
internal static class JsonFile
{
    /// <summary>Refuses a file that is too large to be what it should be, before it is read.</summary>
    public static void RefuseLargerThan(long bytes, string path)
    {
        var length = FileLength.Of(path);
        if (length > bytes)
        {
            throw new TokenizerFormatException(path, $"the file has {length} bytes, more than the {bytes} that are allowed.");
        }
    }

    public static JsonDocument Parse(string path, long largest)
    {
        try
        {
            return JsonSource.Parse(path, largest);
        }
        catch (ModelFolderException e)
        {
            throw new TokenizerFormatException(path, e.Problem, e.InnerException);
        }
    }

    /// <summary>Turns what <see cref="JsonElement"/> throws at values of the wrong kind into an exception that names the file.</summary>
    public static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException e)
        {
            throw new TokenizerFormatException(path, $"a value has the wrong kind or is not valid text: {e.Message}", e);
        }
    }

    public static JsonElement Required(JsonElement parent, string name, JsonValueKind kind, string path)
    {
        if (!parent.TryGetProperty(name, out var value))
        {
            throw new TokenizerFormatException(path, $"'{name}' is missing.");
        }

        return value.ValueKind == kind
            ? value
            : throw new TokenizerFormatException(path, $"'{name}' is {value.ValueKind} instead of {kind}.");
    }

    public static string? OptionalText(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static bool Flag(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    public static int Id(JsonElement value, string path, string owner)
    {
        // Ids index arrays: the bound keeps a malformed file from asking for gigabytes.
        const int LargestId = 1 << 24;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var id) && id is >= 0 and < LargestId
            ? id
            : throw new TokenizerFormatException(
                path, $"{owner} has the id {value.GetRawText()}, which is not between 0 and {LargestId - 1}.");
    }

    public static AddedToken AddedToken(JsonElement entry, int id, string path)
    {
        var content = Required(entry, "content", JsonValueKind.String, path).GetString() ?? "";
        var isSpecial = Flag(entry, "special");
        return new AddedToken(
            id,
            content,
            isSpecial,
            Flag(entry, "lstrip"),
            Flag(entry, "rstrip"),
            Flag(entry, "single_word"),
            entry.TryGetProperty("normalized", out var normalized) ? normalized.ValueKind == JsonValueKind.True : !isSpecial);
    }
}
