using System.Text;

namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>The bytes that a token stands for.</summary>
internal abstract class PieceDecoder(TokenVocabulary vocabulary)
{
    /// <summary>The UTF-8 bytes of a token, possibly a part of a character.</summary>
    /// <param name="id">The token id, not negative.</param>
    /// <param name="afterSpecial">Whether the token before was a special one.</param>
    /// <param name="isSpecial">Whether this one is.</param>
    public byte[] BytesOf(int id, bool afterSpecial, out bool isSpecial)
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

    /// <summary>True if the space of a dummy prefix is removed behind a special token.</summary>
    protected virtual bool DropsSpaceAfterSpecial => false;

    /// <summary>The bytes of a vocabulary piece; null for an id that has none.</summary>
    protected abstract byte[] PieceBytes(string? piece);
}
