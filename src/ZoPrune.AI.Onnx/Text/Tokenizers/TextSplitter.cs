namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Cuts text into pieces that are merged separately ("pre-tokenizer").</summary>
internal abstract class TextSplitter
{
    /// <summary>The pieces, in order, without gaps.</summary>
    public abstract IEnumerable<TextPiece> Split(string text);
}
