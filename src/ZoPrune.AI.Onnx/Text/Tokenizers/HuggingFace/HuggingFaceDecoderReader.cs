using System.Text;
using System.Text.Json;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Reads the <c>decoder</c> section for the Hugging Face dialect.</summary>
internal static class HuggingFaceDecoderReader
{
    public static HuggingFaceDecoder Read(JsonElement? section, TokenVocabulary vocabulary, string path)
    {
        var steps = new List<Func<string, bool, string>>();
        Func<string, byte[]> toBytes = Encoding.UTF8.GetBytes;
        TextStrip? strip = null;
        var isFused = false;
        foreach (var step in HuggingFaceReader.Steps(section, "decoders", path))
        {
            var kind = JsonFile.OptionalText(step, "type");
            switch (kind)
            {
                case "ByteLevel":
                    toBytes = BytesOfAlphabet;
                    isFused = true;
                    break;
                case "ByteFallback":
                    toBytes = token => SentencePiece.ByteOf(token) is { } value ? [value] : Encoding.UTF8.GetBytes(token);
                    break;
                case "Fuse":
                    isFused = true;
                    break;
                case "Strip" when strip is null:
                    strip = Strip(step, path);
                    if (!isFused)
                    {
                        var each = strip;
                        strip = null;
                        steps.Add((token, _) => StripToken(token, each));
                    }

                    break;
                case "Replace" when !isFused:
                    steps.Add(Replace(step, path));
                    break;
                case "Metaspace" when !isFused:
                    steps.Add(Metaspace(step));
                    break;
                default:
                    throw new NotSupportedException(
                        $"{path}: the decoder kind '{kind ?? "none"}' is not supported{(isFused ? " behind Fuse or ByteLevel" : "")}.");
            }
        }

        if (section is null)
        {
            // Without a decoder, tokens are joined by spaces.
            steps.Add((token, isFirst) => isFirst ? token : " " + token);
        }

        return new HuggingFaceDecoder(vocabulary, steps, toBytes, strip);
    }

    private static byte[] BytesOfAlphabet(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            // A token with a character outside the alphabet is meant literally.
            if (ByteAlphabet.ByteOf(token[i]) is not { } value)
            {
                return Encoding.UTF8.GetBytes(token);
            }

            bytes[i] = value;
        }

        return bytes;
    }

    private static TextStrip Strip(JsonElement step, string path)
    {
        var content = JsonFile.Required(step, "content", JsonValueKind.String, path).GetString()!;
        return content.Length > 0
            ? new TextStrip(
                Encoding.UTF8.GetBytes(content), HuggingFaceReader.Count(step, "start", path), HuggingFaceReader.Count(step, "stop", path))
            : throw new TokenizerFormatException(path, "'content' of Strip is empty.");
    }

    private static string StripToken(string token, TextStrip strip)
    {
        var content = Encoding.UTF8.GetString(strip.Content);
        for (var i = 0; i < strip.Start && token.StartsWith(content, StringComparison.Ordinal); i++)
        {
            token = token[content.Length..];
        }

        for (var i = 0; i < strip.Stop && token.EndsWith(content, StringComparison.Ordinal); i++)
        {
            token = token[..^content.Length];
        }

        return token;
    }

    private static Func<string, bool, string> Replace(JsonElement step, string path)
    {
        var content = JsonFile.Required(step, "content", JsonValueKind.String, path).GetString()!;
        if (step.TryGetProperty("pattern", out var pattern)
            && pattern.ValueKind == JsonValueKind.Object
            && JsonFile.OptionalText(pattern, "String") is { Length: > 0 } text
            && !text.Any(char.IsSurrogate))
        {
            // "▁" for a space, at nearly every token: an expression would cost several objects each time.
            return (token, _) => token.Replace(text, content, StringComparison.Ordinal);
        }

        var normalizer = new ReplaceNormalizer(HuggingFaceReader.Pattern(step, path), content);
        return (token, _) => normalizer.Normalize(new OriginText(token, new TextOrigin[token.Length])).Text;
    }

    private static Func<string, bool, string> Metaspace(JsonElement step)
    {
        var replacement = JsonFile.OptionalText(step, "replacement") ?? "\u2581";
        var isOff = step.TryGetProperty("add_prefix_space", out var flag) && flag.ValueKind == JsonValueKind.False;
        var prepends = JsonFile.OptionalText(step, "prepend_scheme") is { } scheme ? scheme != "never" : !isOff;
        return (token, isFirst) => token.Replace(replacement, isFirst && prepends ? "" : " ", StringComparison.Ordinal);
    }
}
