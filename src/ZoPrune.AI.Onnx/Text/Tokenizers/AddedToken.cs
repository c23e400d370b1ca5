namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>An entry of <c>added_tokens</c>.</summary>
/// <param name="Id">The token id.</param>
/// <param name="Content">The text that stands for it.</param>
/// <param name="IsSpecial">Skipped when decoding.</param>
/// <param name="StripsLeft">Whitespace before it is dropped (Hugging Face only).</param>
/// <param name="StripsRight">Whitespace behind it is dropped.</param>
/// <param name="IsSingleWord">Not matched inside a word (Hugging Face only).</param>
/// <param name="IsNormalized">Matched in normalised text (Hugging Face only).</param>
internal sealed record AddedToken(
    int Id, string Content, bool IsSpecial, bool StripsLeft, bool StripsRight, bool IsSingleWord, bool IsNormalized)
{
    /// <summary>Nothing but whitespace (or SentencePiece's "▁"): carries no control meaning, so user text may hold it.</summary>
    public bool IsWhitespace { get; } = !IsSpecial && Content.All(c => char.IsWhiteSpace(c) || c == SentencePiece.Space);
}
