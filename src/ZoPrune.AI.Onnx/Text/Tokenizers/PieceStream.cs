namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>The bytes of a stream of tokens, with what must be remembered between them.</summary>
internal abstract class PieceStream
{
    /// <summary>The UTF-8 bytes that the next token adds, possibly a part of a character.</summary>
    public abstract byte[] Next(int id);

    /// <summary>Ends the stream; the next token begins a new one.</summary>
    public abstract void End();
}
