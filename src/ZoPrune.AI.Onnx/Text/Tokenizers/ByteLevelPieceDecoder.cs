using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Byte-level vocabularies: each character of a piece is a byte.</summary>
internal sealed class ByteLevelPieceDecoder(TokenVocabulary vocabulary) : PieceDecoder(vocabulary)
{
    private const int LongestOnStack = 256;

    protected override byte[] PieceBytes(string? piece)
    {
        var text = piece.AsSpan();
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var buffer = most <= LongestOnStack ? stackalloc byte[LongestOnStack] : new byte[most];
        var length = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsBmp && ByteAlphabet.ByteOf((char)rune.Value) is { } value)
            {
                buffer[length++] = value;
            }
            else
            {
                // A character outside the alphabet can only be meant literally.
                length += rune.EncodeToUtf8(buffer[length..]);
            }
        }

        return buffer[..length].ToArray();
    }
}
