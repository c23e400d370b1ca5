using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Byte-level vocabularies: each byte of the UTF-8 text is a symbol.</summary>
internal sealed class ByteLevelSpeller : PieceSpeller
{
    private readonly TokenVocabulary _vocabulary;
    private readonly char[] _characters = new char[256];
    private readonly int[] _ids = new int[256];

    /// <param name="vocabulary">The pieces.</param>
    /// <param name="unknownId">What a byte without a piece becomes.</param>
    /// <exception cref="KeyNotFoundException">A byte has no piece, and there is no unknown token.</exception>
    public ByteLevelSpeller(TokenVocabulary vocabulary, int? unknownId)
    {
        _vocabulary = vocabulary;
        for (var value = 0; value < 256; value++)
        {
            _characters[value] = ByteAlphabet.CharacterOf((byte)value);
            _ids[value] = vocabulary.OrdinaryIdOf([_characters[value]]) ?? unknownId
                ?? throw new KeyNotFoundException($"the vocabulary has no piece for the byte 0x{value:X2} and no unknown token.");
        }
    }

    public override void Spell(ReadOnlySpan<char> text, bool whole, List<int> symbols)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        if (whole && WholeId(bytes) is { } id)
        {
            symbols.Add(id);
            return;
        }

        symbols.EnsureCapacity(bytes.Length);
        foreach (var value in bytes)
        {
            symbols.Add(_ids[value]);
        }
    }

    public override int SymbolCount(ReadOnlySpan<char> text, out int consumed)
    {
        Rune.DecodeFromUtf16(text, out var rune, out consumed);
        return rune.Utf8SequenceLength;
    }

    private int? WholeId(byte[] bytes)
    {
        // No vocabulary has pieces of this length; the bound keeps the buffer on the stack.
        const int LongestPiece = 512;
        if (bytes.Length > LongestPiece)
        {
            return null;
        }

        Span<char> piece = stackalloc char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            piece[i] = _characters[bytes[i]];
        }

        return _vocabulary.OrdinaryIdOf(piece);
    }
}
