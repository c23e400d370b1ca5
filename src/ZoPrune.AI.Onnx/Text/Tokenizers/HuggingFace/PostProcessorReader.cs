using System.Text.Json;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Reads the <c>post_processor</c> section: what stands before and behind a single sequence.</summary>
internal static class PostProcessorReader
{
    public static SpecialTokensFrame Read(JsonElement? section, string path)
    {
        var frame = SpecialTokensFrame.None;
        foreach (var step in HuggingFaceReader.Steps(section, "processors", path))
        {
            var (before, behind) = Step(step, path);
            frame = new SpecialTokensFrame([.. before, .. frame.Before], [.. frame.Behind, .. behind]);
        }

        return frame;
    }

    private static SpecialTokensFrame Step(JsonElement step, string path)
    {
        switch (JsonFile.OptionalText(step, "type"))
        {
            case "ByteLevel":
                // Moves offsets only.
                return SpecialTokensFrame.None;
            case "TemplateProcessing":
                return Template(step, path);
            case "RobertaProcessing" or "BertProcessing":
                return new SpecialTokensFrame([Pair(step, "cls", path)], [Pair(step, "sep", path)]);
            case var kind:
                throw new NotSupportedException($"{path}: the post-processor kind '{kind ?? "none"}' is not supported.");
        }
    }

    private static SpecialTokensFrame Template(JsonElement step, string path)
    {
        List<int> before = [], behind = [];
        var isBehind = false;
        foreach (var entry in JsonFile.Required(step, "single", JsonValueKind.Array, path).EnumerateArray())
        {
            if (entry.TryGetProperty("Sequence", out _))
            {
                isBehind = true;
                continue;
            }

            var token = JsonFile.Required(entry, "SpecialToken", JsonValueKind.Object, path);
            var name = JsonFile.Required(token, "id", JsonValueKind.String, path).GetString()!;
            var tokens = JsonFile.Required(step, "special_tokens", JsonValueKind.Object, path);
            var ids = JsonFile.Required(JsonFile.Required(tokens, name, JsonValueKind.Object, path), "ids", JsonValueKind.Array, path);
            (isBehind ? behind : before).AddRange(ids.EnumerateArray().Select(id => JsonFile.Id(id, path, $"the special token '{name}'")));
        }

        return new SpecialTokensFrame(before, behind);
    }

    private static int Pair(JsonElement step, string name, string path)
    {
        var pair = JsonFile.Required(step, name, JsonValueKind.Array, path);
        return pair.GetArrayLength() == 2
            ? JsonFile.Id(pair[1], path, $"'{name}'")
            : throw new TokenizerFormatException(path, $"'{name}' is not a token with its id.");
    }
}
