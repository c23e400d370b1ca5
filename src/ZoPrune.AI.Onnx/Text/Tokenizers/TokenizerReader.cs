using System.Text.Json;
using System.Text.RegularExpressions;
using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Builds a <see cref="TextTokenizer"/> from the files of a folder.</summary>
internal static class TokenizerReader
{
    private const long LargestFile = JsonSource.LargestTokenizer;

    public static TextTokenizer Read(string folder, TokenizerDialect dialect)
    {
        var settings = TokenizerConfigReader.Read(Path.Combine(folder, "tokenizer_config.json"));
        var path = Path.Combine(folder, "tokenizer.json");
        using var document = JsonFile.Parse(path, LargestFile);
        return JsonFile.Guard(path, () => dialect == TokenizerDialect.GenAI
            ? Build(document.RootElement, settings, path)
            : HuggingFaceReader.Build(document.RootElement, settings, path));
    }

    private static TextTokenizer Build(JsonElement root, TokenizerSettings settings, string path)
    {
        var model = JsonFile.Required(root, "model", JsonValueKind.Object, path);
        RequireBytePairModel(model, path);
        var pieces = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var piece in JsonFile.Required(model, "vocab", JsonValueKind.Object, path).EnumerateObject())
        {
            pieces[piece.Name] = JsonFile.Id(piece.Value, path, $"the vocabulary piece '{piece.Name}'");
        }

        var addedTokens = AddedTokens(root, settings, path);
        var vocabulary = new TokenVocabulary(pieces, addedTokens);
        var merges = MergeTableReader.Read(model, vocabulary, path);
        var unknownText = JsonFile.OptionalText(model, "unk_token") ?? settings.UnknownToken;
        var unknownId = unknownText is null ? null : vocabulary.AddedIdOf(unknownText) ?? vocabulary.IdOf(unknownText);
        var decoder = DecoderDescription.Read(root, path);
        try
        {
            return decoder.IsSentencePiece
                ? SentencePieceTokenizer(root, settings, vocabulary, addedTokens, merges, decoder, unknownId)
                : ByteLevelTokenizer(root, settings, vocabulary, addedTokens, merges, unknownId, path);
        }
        catch (KeyNotFoundException e)
        {
            throw new TokenizerFormatException(path, e.Message, e);
        }
    }

    private static TextTokenizer SentencePieceTokenizer(
        JsonElement root, TokenizerSettings settings, TokenVocabulary vocabulary, List<AddedToken> addedTokens, BytePairMerges merges,
        DecoderDescription decoder, int? unknownId)
    {
        // GenAI's rule: Gemma, and a Split on a literal string (which never matches once spaces are "▁"), take no word splitter and no
        // prefix.
        var splitsOnLiteral = PreTokenizerReader.SplitsOnLiteral(root);
        var dummyPrefix = decoder.HasDummyPrefix && !splitsOnLiteral;
        var isGemma = settings.TokenizerClass is "GemmaTokenizer" or "GemmaTokenizerFast";
        var speller = new SentencePieceSpeller(vocabulary, unknownId);
        var words = isGemma || splitsOnLiteral ? null : PreTokenizerReader.WordSplitter(root) ?? Words(RegexSplitter.Llama3);
        TextNormalizer normalizer = dummyPrefix ? new DummyPrefixNormalizer() : new VerbatimNormalizer();
        var encoder = new SegmentEncoder(normalizer, new SentencePieceSplitter(speller, words), speller, merges);
        var pieces = new SentencePieceDecoder(vocabulary, settings.UnknownToken ?? "", dummyPrefix);
        return new TextTokenizer(new GenAiTextEncoder(new AddedTokenMatcher(addedTokens), encoder), pieces, vocabulary, settings);
    }

    private static TextTokenizer ByteLevelTokenizer(
        JsonElement root, TokenizerSettings settings, TokenVocabulary vocabulary, List<AddedToken> addedTokens, BytePairMerges merges,
        int? unknownId, string path)
    {
        PreTokenizerReader.RequireByteLevel(root, path);
        var words = PreTokenizerReader.WordSplitter(root) ?? Words(RegexSplitter.Gpt2);
        var speller = new ByteLevelSpeller(vocabulary, unknownId);
        var encoder = new SegmentEncoder(new VerbatimNormalizer(), words, speller, merges);
        return new TextTokenizer(
            new GenAiTextEncoder(new AddedTokenMatcher(addedTokens), encoder), new ByteLevelPieceDecoder(vocabulary), vocabulary, settings);
    }

    private static RegexSplitter Words(string pattern) =>
        new([new Regex(GenAiExpressions.Translate(pattern), RegexOptions.CultureInvariant)]);

    private static void RequireBytePairModel(JsonElement model, string path)
    {
        var kind = JsonFile.OptionalText(model, "type") ?? (model.TryGetProperty("merges", out _) ? "BPE" : "unnamed");
        if (kind != "BPE")
        {
            throw new NotSupportedException($"{path}: the tokenizer model kind '{kind}' is not supported, only BPE is.");
        }

        foreach (var affix in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (!string.IsNullOrEmpty(JsonFile.OptionalText(model, affix)))
            {
                throw new NotSupportedException($"{path}: BPE with '{affix}' is not supported.");
            }
        }
    }

    public static List<AddedToken> AddedTokens(JsonElement root, TokenizerSettings settings, string path)
    {
        var tokens = new List<AddedToken>();
        if (root.TryGetProperty("added_tokens", out var list) && list.ValueKind != JsonValueKind.Null)
        {
            foreach (var entry in list.EnumerateArray())
            {
                var id = JsonFile.Required(entry, "id", JsonValueKind.Number, path);
                tokens.Add(JsonFile.AddedToken(entry, JsonFile.Id(id, path, "an added token"), path));
            }
        }

        var known = tokens.Select(token => token.Id).ToHashSet();
        tokens.AddRange(settings.AddedTokens.Where(token => !known.Contains(token.Id)));
        return tokens.FindAll(token => token.Content.Length > 0);
    }
}
