using System.Text.Json;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Reads the <c>model</c> section for the Hugging Face dialect.</summary>
internal static class TokenModelReader
{
    public static (TokenVocabulary Vocabulary, TokenModel Model) ReadBytePair(JsonElement model, List<AddedToken> added, string path)
    {
        var pieces = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var piece in JsonFile.Required(model, "vocab", JsonValueKind.Object, path).EnumerateObject())
        {
            pieces[piece.Name] = JsonFile.Id(piece.Value, path, $"the vocabulary piece '{piece.Name}'");
        }

        var vocabulary = new TokenVocabulary(pieces, added);
        var prefix = JsonFile.OptionalText(model, "continuing_subword_prefix") ?? "";
        var merges = MergeTableReader.ReadHuggingFace(model, vocabulary, prefix, path);
        var byteIds = JsonFile.Flag(model, "byte_fallback") ? ByteIds(vocabulary) : null;
        var unknownText = JsonFile.OptionalText(model, "unk_token");
        var unknownId = unknownText is null ? null : vocabulary.IdOf(unknownText) ?? vocabulary.AddedIdOf(unknownText);
        if (byteIds is null && unknownId is null && FirstMissingByte(vocabulary) is { } missing)
        {
            throw new TokenizerFormatException(
                path, $"the vocabulary has no piece for the byte 0x{missing:X2} and no unknown token: text would be lost.");
        }

        return (vocabulary, new BytePairModel(
            vocabulary,
            merges,
            byteIds,
            unknownId,
            JsonFile.Flag(model, "fuse_unk"),
            JsonFile.Flag(model, "ignore_merges"),
            prefix,
            JsonFile.OptionalText(model, "end_of_word_suffix") ?? ""));
    }

    public static (TokenVocabulary Vocabulary, TokenModel Model) ReadUnigram(JsonElement model, List<AddedToken> added, string path)
    {
        var pieces = new Dictionary<string, int>(StringComparer.Ordinal);
        var scored = new List<(string Piece, int Id, double Score)>();
        foreach (var entry in JsonFile.Required(model, "vocab", JsonValueKind.Array, path).EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Array || entry.GetArrayLength() != 2 || entry[0].GetString() is not { } piece)
            {
                throw new TokenizerFormatException(path, $"entry {scored.Count} of 'vocab' is not a piece with its score.");
            }

            pieces[piece] = scored.Count;
            scored.Add((piece, scored.Count, entry[1].GetDouble()));
        }

        var vocabulary = new TokenVocabulary(pieces, added);
        var byteIds = JsonFile.Flag(model, "byte_fallback") ? ByteIds(vocabulary) : null;
        int? unknownId = model.TryGetProperty("unk_id", out var unknown) && unknown.ValueKind == JsonValueKind.Number
            ? JsonFile.Id(unknown, path, "'unk_id'")
            : null;
        if (byteIds is null && unknownId is null)
        {
            throw new TokenizerFormatException(path, "the Unigram model has neither 'unk_id' nor byte pieces: text would be lost.");
        }

        var lowest = scored.Count == 0 ? 0 : scored.Min(entry => entry.Score);
        var ordinary = scored.FindAll(
            entry => entry.Piece.Length > 0 && vocabulary.IsOrdinary(entry.Id) && pieces[entry.Piece] == entry.Id);
        return (vocabulary, new UnigramModel(ordinary, lowest, byteIds, unknownId));
    }

    // Only a whole set of byte pieces can spell everything.
    private static int[]? ByteIds(TokenVocabulary vocabulary)
    {
        var ids = Enumerable.Range(0, 256).Select(value => vocabulary.IdOf(SentencePiece.BytePiece(value)) ?? -1).ToArray();
        return ids.Contains(-1) ? null : ids;
    }

    private static int? FirstMissingByte(TokenVocabulary vocabulary)
    {
        for (var value = 0; value < 256; value++)
        {
            if (vocabulary.OrdinaryIdOf([ByteAlphabet.CharacterOf((byte)value)]) is null)
            {
                return value;
            }
        }

        return null;
    }
}
