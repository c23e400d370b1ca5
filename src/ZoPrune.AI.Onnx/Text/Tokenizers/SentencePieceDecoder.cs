using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>SentencePiece vocabularies: "▁" is a space, <c>&lt;0xNN&gt;</c> a byte; an id without a piece is the unknown token.</summary>
internal sealed class SentencePieceDecoder(TokenVocabulary vocabulary, string unknownText, bool dummyPrefix) : PieceDecoder(vocabulary)
{
    protected override bool DropsSpaceAfterSpecial => dummyPrefix;

    protected override byte[] PieceBytes(string? piece) =>
        piece is null ? Encoding.UTF8.GetBytes(unknownText)
        : SentencePiece.ByteOf(piece) is { } value ? [value]
        : Encoding.UTF8.GetBytes(piece.Replace(SentencePiece.Space, ' '));
}
