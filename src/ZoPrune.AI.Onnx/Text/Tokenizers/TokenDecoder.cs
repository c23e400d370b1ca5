namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Turns token ids into the bytes of their text.</summary>
internal abstract class TokenDecoder
{
    /// <summary>Begins a stream.</summary>
    public abstract PieceStream Open();
}
