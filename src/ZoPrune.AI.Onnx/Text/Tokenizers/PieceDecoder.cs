using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>The bytes that tokens stand for, in ONNX Runtime GenAI's dialect.</summary>
internal abstract class PieceDecoder(TokenVocabulary vocabulary) : TokenDecoder
{
    /// <summary>True if the space of a dummy prefix is removed behind a special token.</summary>
    protected virtual bool DropsSpaceAfterSpecial => false;

    public override PieceStream Open() => new Stream(this);

    public override byte[] BytesWithinText(int id) => BytesOf(id, afterSpecial: false, out _);

    /// <summary>The bytes of a vocabulary piece; null for an id that has none.</summary>
    protected abstract byte[] PieceBytes(string? piece);

    private byte[] BytesOf(int id, bool afterSpecial, out bool isSpecial)
    {
        var added = vocabulary.AddedTokenOf(id);
        isSpecial = added is { IsSpecial: true };
        if (isSpecial)
        {
            return [];
        }

        // The text of an added token is taken as it is, "▁" included, as GenAI does.
        var bytes = added is not null ? Encoding.UTF8.GetBytes(added.Content) : PieceBytes(vocabulary.PieceOf(id));
        return afterSpecial && DropsSpaceAfterSpecial && bytes is [(byte)' ', ..] ? bytes[1..] : bytes;
    }

    private sealed class Stream(PieceDecoder decoder) : PieceStream
    {
        private bool _afterSpecial;

        public override byte[] Next(int id) => decoder.BytesOf(id, _afterSpecial, out _afterSpecial);

        public override void End() => _afterSpecial = false;
    }
}
