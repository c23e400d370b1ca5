using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>SentencePiece vocabularies: each character is a symbol, spaces are "▁", other characters fall back to their bytes.</summary>
internal sealed class SentencePieceSpeller : PieceSpeller
{
    private readonly TokenVocabulary _vocabulary;
    private readonly int[]? _byteIds;
    private readonly int _unknownId;

    /// <param name="vocabulary">The pieces.</param>
    /// <param name="unknownId">What a character without a piece becomes where there are no byte pieces.</param>
    /// <exception cref="KeyNotFoundException">There are neither byte pieces nor an unknown token.</exception>
    public SentencePieceSpeller(TokenVocabulary vocabulary, int? unknownId)
    {
        _vocabulary = vocabulary;
        var byteIds = Enumerable.Range(0, 256).Select(value => vocabulary.IdOf(SentencePiece.BytePiece(value))).ToArray();
        var missing = Array.FindIndex(byteIds, id => id is null);
        if (missing < 0)
        {
            _byteIds = [.. byteIds.Select(id => id!.Value)];
        }

        _unknownId = unknownId ?? (_byteIds is not null
            ? -1
            : throw new KeyNotFoundException($"the vocabulary has no piece {SentencePiece.BytePiece(missing)} and no unknown token."));
    }

    public override void Spell(ReadOnlySpan<char> text, bool whole, List<int> symbols)
    {
        var piece = text.ToString().Replace(' ', SentencePiece.Space);
        if (whole && _vocabulary.OrdinaryIdOf(piece) is { } id)
        {
            symbols.Add(id);
            return;
        }

        for (var rest = piece.AsSpan(); !rest.IsEmpty;)
        {
            rest = rest[SpellFirst(rest, symbols)..];
        }
    }

    public override int SymbolCount(ReadOnlySpan<char> text, out int consumed)
    {
        Rune.DecodeFromUtf16(text, out var rune, out consumed);
        var character = text[..consumed];
        return character is " " || _byteIds is null || _vocabulary.OrdinaryIdOf(character) is not null ? 1 : rune.Utf8SequenceLength;
    }

    private int SpellFirst(ReadOnlySpan<char> text, List<int> symbols)
    {
        // An unpaired surrogate decodes as U+FFFD.
        Rune.DecodeFromUtf16(text, out var rune, out var consumed);
        Span<char> character = stackalloc char[2];
        character = character[..rune.EncodeToUtf16(character)];
        if (_vocabulary.OrdinaryIdOf(character) is { } id)
        {
            symbols.Add(id);
            return consumed;
        }

        if (_byteIds is null)
        {
            symbols.Add(_unknownId);
            return consumed;
        }

        Span<byte> bytes = stackalloc byte[4];
        foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
        {
            symbols.Add(_byteIds[value]);
        }

        return consumed;
    }
}
