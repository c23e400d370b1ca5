using System.Text.Json;
using System.Text.RegularExpressions;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Reads the <c>pre_tokenizer</c> section.</summary>
internal static class PreTokenizerReader
{
    /// <summary>True for a top-level Split on a literal string.</summary>
    public static bool SplitsOnLiteral(JsonElement root) =>
        root.TryGetProperty("pre_tokenizer", out var section) && section.ValueKind == JsonValueKind.Object
        && JsonFile.OptionalText(section, "type") == "Split"
        && section.TryGetProperty("pattern", out var pattern) && JsonFile.OptionalText(pattern, "String") is not null;

    /// <summary>The expressions of the section, run one after the other; null if it names none.</summary>
    public static TextSplitter? WordSplitter(JsonElement root)
    {
        var patterns = new List<Regex>();
        foreach (var step in Steps(root))
        {
            if (PatternOf(step) is { } pattern)
            {
                patterns.Add(Compile(pattern));
            }
        }

        // A digit splitter comes before ByteLevel's own expression, it does not replace it.
        if (patterns.Count > 0 && !Steps(root).Any(step => JsonFile.OptionalText(step, "type") == "Split"))
        {
            patterns.Add(Compile(RegexSplitter.Gpt2));
        }

        return patterns.Count == 0 ? null : new RegexSplitter(patterns);
    }

    /// <summary>Throws unless the file is a byte-level tokenizer of a kind that is supported.</summary>
    public static void RequireByteLevel(JsonElement root, string path)
    {
        var decoder = root.TryGetProperty("decoder", out var section) && section.ValueKind == JsonValueKind.Object
            ? JsonFile.OptionalText(section, "type")
            : null;
        if (decoder != "ByteLevel" && !Steps(root).Any(step => JsonFile.OptionalText(step, "type") == "ByteLevel"))
        {
            throw new NotSupportedException(
                $"{path}: BPE with the decoder '{decoder ?? "none"}' is not supported, only ByteLevel and SentencePiece are.");
        }

        if (Steps(root).Any(step => JsonFile.OptionalText(step, "type") == "ByteLevel" && JsonFile.Flag(step, "add_prefix_space")))
        {
            throw new NotSupportedException($"{path}: the pre-tokenizer ByteLevel with 'add_prefix_space' is not supported.");
        }
    }

    private static List<JsonElement> Steps(JsonElement root)
    {
        if (!root.TryGetProperty("pre_tokenizer", out var section) || section.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        return section.TryGetProperty("pretokenizers", out var steps) && steps.ValueKind == JsonValueKind.Array
            ? [.. steps.EnumerateArray()]
            : [section];
    }

    private static string? PatternOf(JsonElement step)
    {
        switch (JsonFile.OptionalText(step, "type"))
        {
            case "Split":
                if (!step.TryGetProperty("pattern", out var pattern))
                {
                    return null;
                }

                return JsonFile.OptionalText(pattern, "Regex")
                    ?? (JsonFile.OptionalText(pattern, "String") is { } literal ? Regex.Escape(literal) : null);
            case "Digits":
                return JsonFile.Flag(step, "individual_digits") ? @"\p{N}" : @"\p{N}+";
            case null or "ByteLevel" or "Metaspace":
                return null;
            case var kind:
                throw new NotSupportedException($"The pre-tokenizer kind '{kind}' is not supported.");
        }
    }

    private static Regex Compile(string pattern)
    {
        try
        {
            return new Regex(GenAiExpressions.Translate(pattern), RegexOptions.CultureInvariant);
        }
        catch (ArgumentException e)
        {
            throw new NotSupportedException($"The pre-tokenizer expression '{pattern}' is not supported: {e.Message}", e);
        }
    }
}
