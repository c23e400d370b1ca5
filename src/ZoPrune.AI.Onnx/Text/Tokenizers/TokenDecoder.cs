namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Turns token ids into the bytes of their text.</summary>
internal abstract class TokenDecoder
{
    /// <summary>Begins a stream.</summary>
    public abstract PieceStream Open();

    /// <summary>The bytes that a token with text adds where it is neither the first nor behind a special token.</summary>
    public abstract byte[] BytesWithinText(int id);
}
