namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Byte-level vocabularies: each character of a piece is a byte.</summary>
internal sealed class ByteLevelPieceDecoder(TokenVocabulary vocabulary) : PieceDecoder(vocabulary)
{
    protected override byte[] PieceBytes(string? piece)
    {
        var bytes = new List<byte>();
        Span<byte> buffer = stackalloc byte[4];
        foreach (var rune in (piece ?? "").EnumerateRunes())
        {
            if (rune.IsBmp && ByteAlphabet.ByteOf((char)rune.Value) is { } value)
            {
                bytes.Add(value);
            }
            else
            {
                // A character outside the alphabet can only be meant literally.
                bytes.AddRange(buffer[..rune.EncodeToUtf8(buffer)]);
            }
        }

        return [.. bytes];
    }
}
