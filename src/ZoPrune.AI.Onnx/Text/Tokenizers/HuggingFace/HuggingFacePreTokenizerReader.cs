using System.Text.Json;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Reads the <c>pre_tokenizer</c> section for the Hugging Face dialect.</summary>
internal static class HuggingFacePreTokenizerReader
{
    public static List<PreTokenizerStep> Read(JsonElement? section, string path) =>
        [.. HuggingFaceReader.Steps(section, "pretokenizers", path).SelectMany(step => Step(step, path))];

    private static IEnumerable<PreTokenizerStep> Step(JsonElement step, string path)
    {
        switch (JsonFile.OptionalText(step, "type"))
        {
            case "ByteLevel":
                var words = step.TryGetProperty("use_regex", out _) && !JsonFile.Flag(step, "use_regex")
                    ? null
                    : Expression(RegexSplitter.Gpt2, SplitBehavior.Isolated, path);
                return [new ByteLevelStep(JsonFile.Flag(step, "add_prefix_space"), words)];
            case "Split":
                return [new SplitStep(HuggingFaceReader.Pattern(step, path), Behavior(step, path), JsonFile.Flag(step, "invert"))];
            case "Digits":
                var behavior = JsonFile.Flag(step, "individual_digits") ? SplitBehavior.Isolated : SplitBehavior.Contiguous;
                return [Expression(@"\p{N}", behavior, path)];
            case "Metaspace":
                return [Metaspace(step, path)];
            case "Whitespace":
                return [new SplitStep(PieceExpression.OfRegex(@"\w+|[^\w\s]+", path), SplitBehavior.Removed, invert: true)];
            case "WhitespaceSplit":
                return [Expression(@"\s", SplitBehavior.Removed, path)];
            case "Punctuation":
                return [Punctuation(step.TryGetProperty("behavior", out _) ? Behavior(step, path) : SplitBehavior.Isolated, path)];
            case "BertPreTokenizer":
                return [Expression(@"\s", SplitBehavior.Removed, path), Punctuation(SplitBehavior.Isolated, path)];
            case "CharDelimiterSplit":
                var delimiter = JsonFile.Required(step, "delimiter", JsonValueKind.String, path).GetString()!;
                return [new SplitStep(PieceExpression.OfText(delimiter, path), SplitBehavior.Removed, invert: false)];
            case var kind:
                throw new NotSupportedException($"{path}: the pre-tokenizer kind '{kind ?? "none"}' is not supported.");
        }
    }

    private static SplitStep Expression(string pattern, SplitBehavior behavior, string path) =>
        new(PieceExpression.OfRegex(pattern, path), behavior, invert: false);

    private static SplitStep Punctuation(SplitBehavior behavior, string path) =>
        Expression(@"[\p{P}!-/:-@\[-`{-~]", behavior, path);

    private static MetaspaceStep Metaspace(JsonElement step, string path)
    {
        var replacement = JsonFile.OptionalText(step, "replacement") ?? "\u2581";
        var scheme = JsonFile.OptionalText(step, "prepend_scheme");
        if (scheme is not (null or "always" or "first" or "never"))
        {
            throw new TokenizerFormatException(path, $"'prepend_scheme' is '{scheme}', not always, first or never.");
        }

        // Older files have a flag instead.
        var isOff = step.TryGetProperty("add_prefix_space", out var flag) && flag.ValueKind == JsonValueKind.False;
        var splits = !step.TryGetProperty("split", out var split) || split.ValueKind != JsonValueKind.False;
        return new MetaspaceStep(
            replacement,
            scheme is null ? !isOff : scheme != "never",
            onlyAtStart: scheme == "first",
            splits ? new SplitStep(PieceExpression.OfText(replacement, path), SplitBehavior.MergedWithNext, invert: false) : null);
    }

    private static SplitBehavior Behavior(JsonElement step, string path) => JsonFile.OptionalText(step, "behavior") switch
    {
        "Isolated" => SplitBehavior.Isolated,
        "Removed" => SplitBehavior.Removed,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        var other => throw new TokenizerFormatException(path, $"'behavior' is '{other}', which is none of the five."),
    };
}
