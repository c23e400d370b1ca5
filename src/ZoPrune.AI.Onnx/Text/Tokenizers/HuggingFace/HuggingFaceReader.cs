using System.Text.Json;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Builds a tokenizer of the Hugging Face dialect from <c>tokenizer.json</c>.</summary>
internal static class HuggingFaceReader
{
    public static TextTokenizer Build(JsonElement root, TokenizerSettings settings, string path)
    {
        var model = JsonFile.Required(root, "model", JsonValueKind.Object, path);
        var kind = JsonFile.OptionalText(model, "type") ?? (model.TryGetProperty("merges", out _) ? "BPE" : "unnamed");
        var added = TokenizerReader.AddedTokens(root, settings, path);
        var (vocabulary, tokenModel) = kind switch
        {
            "BPE" => TokenModelReader.ReadBytePair(model, added, path),
            "Unigram" => TokenModelReader.ReadUnigram(model, added, path),
            _ => throw new NotSupportedException($"{path}: the tokenizer model kind '{kind}' is not supported, only BPE and Unigram are."),
        };
        var normalizer = NormalizerReader.Read(Section(root, "normalizer"), path);
        var encoder = new HuggingFaceTextEncoder(
            vocabulary,
            new AddedTokenSplitter(new AddedTokenMatcher(added.Where(token => !token.IsNormalized))),
            normalizer,
            new AddedTokenSplitter(new AddedTokenMatcher(
                added.Where(token => token.IsNormalized).Select(token => Normalize(token, normalizer)))),
            HuggingFacePreTokenizerReader.Read(Section(root, "pre_tokenizer"), path),
            tokenModel,
            PostProcessorReader.Read(Section(root, "post_processor"), path));
        return new TextTokenizer(encoder, HuggingFaceDecoderReader.Read(Section(root, "decoder"), vocabulary, path), vocabulary, settings);
    }

    /// <summary>The parts of a section that is a sequence, however deep, or the section itself.</summary>
    public static IEnumerable<JsonElement> Steps(JsonElement? section, string listName, string path)
    {
        if (section is not { } element)
        {
            return [];
        }

        return JsonFile.OptionalText(element, "type") == "Sequence"
            ? JsonFile.Required(element, listName, JsonValueKind.Array, path).EnumerateArray()
                .SelectMany(step => Steps(step, listName, path))
            : [element];
    }

    /// <summary>The <c>pattern</c> of a step: a literal text or an expression.</summary>
    public static PieceExpression Pattern(JsonElement step, string path)
    {
        if (!step.TryGetProperty("pattern", out var pattern))
        {
            throw new TokenizerFormatException(path, $"'pattern' of {JsonFile.OptionalText(step, "type")} is missing.");
        }

        var text = pattern.ValueKind == JsonValueKind.String ? pattern.GetString() : JsonFile.OptionalText(pattern, "String");
        return text is not null ? PieceExpression.OfText(text, path)
            : JsonFile.OptionalText(pattern, "Regex") is { } regex ? PieceExpression.OfRegex(regex, path)
            : throw new TokenizerFormatException(path, $"'pattern' of {JsonFile.OptionalText(step, "type")} is neither String nor Regex.");
    }

    public static int Count(JsonElement step, string name, string path) =>
        step.TryGetProperty(name, out var value)
            ? value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 0
                ? count
                : throw new TokenizerFormatException(path, $"'{name}' is {value.GetRawText()}, not a count.")
            : 0;

    private static AddedToken Normalize(AddedToken token, OriginNormalizer? normalizer)
    {
        if (normalizer is null)
        {
            return token;
        }

        var content = normalizer.Normalize(new OriginText(token.Content, new TextOrigin[token.Content.Length])).Text;
        return content.Length == 0 ? token : token with { Content = content };
    }

    private static JsonElement? Section(JsonElement root, string name) =>
        root.TryGetProperty(name, out var section) && section.ValueKind == JsonValueKind.Object ? section : null;
}
