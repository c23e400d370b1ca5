using System.Globalization;
using System.Text.Json;
using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Reads <c>tokenizer_config.json</c>.</summary>
internal static class TokenizerConfigReader
{
    private const long LargestFile = JsonSource.LargestDescription;

    public static TokenizerSettings Read(string path)
    {
        using var document = JsonFile.Parse(path, LargestFile);
        return JsonFile.Guard(path, () => Build(document.RootElement, path));
    }

    private static TokenizerSettings Build(JsonElement root, string path)
    {
        var added = new List<AddedToken>();
        if (root.TryGetProperty("added_tokens_decoder", out var decoder) && decoder.ValueKind == JsonValueKind.Object)
        {
            foreach (var entry in decoder.EnumerateObject())
            {
                if (!int.TryParse(entry.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                {
                    throw new TokenizerFormatException(
                        path, $"'added_tokens_decoder' has the key '{entry.Name}', which is not a token id.");
                }

                added.Add(JsonFile.AddedToken(entry.Value, id, path));
            }
        }

        return new TokenizerSettings(
            JsonFile.OptionalText(root, "tokenizer_class") ?? "",
            SpecialToken(root, "bos_token"),
            SpecialToken(root, "eos_token"),
            SpecialToken(root, "pad_token"),
            SpecialToken(root, "unk_token"),
            added);
    }

    // A special token is a string or an object with its content.
    private static string? SpecialToken(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object
            ? JsonFile.OptionalText(value, "content")
            : JsonFile.OptionalText(root, name);
}
