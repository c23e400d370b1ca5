namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Cuts long text for SentencePiece vocabularies the way ONNX Runtime GenAI does, which bounds the work of merging.</summary>
/// <remarks>
/// Once more than 10 symbols are pending, a cut is made before a space, newline or "▁" that follows something else; once more than 100 are
/// pending, anywhere (<c>KernelBpeTokenizer::SpmTokenize</c> in onnxruntime-extensions). With a <paramref name="wordSplitter"/> this
/// applies only to text that begins with a space behind the dummy prefix.
/// </remarks>
internal sealed class SentencePieceSplitter(PieceSpeller speller, TextSplitter? wordSplitter) : TextSplitter
{
    private const int SoftLimit = 10;
    private const int HardLimit = 100;

    public override IEnumerable<TextPiece> Split(string text) =>
        wordSplitter is null || text is [SentencePiece.Space, ' ', ..] ? Chunks(text) : wordSplitter.Split(text);

    private IEnumerable<TextPiece> Chunks(string text)
    {
        var start = 0;
        var pending = 0;
        for (var position = 0; position < text.Length;)
        {
            var boundary = position > start && IsBreak(text[position]) && !IsBreak(text[position - 1]);
            if (pending > HardLimit || (pending > SoftLimit && boundary))
            {
                yield return new TextPiece(start, position - start, IsWhole: false);
                start = position;
                pending = 0;
            }

            pending += speller.SymbolCount(text.AsSpan(position), out var consumed);
            position += consumed;
        }

        if (start < text.Length)
        {
            yield return new TextPiece(start, text.Length - start, IsWhole: false);
        }
    }

    private static bool IsBreak(char character) => character is ' ' or '\n' or '\r' or SentencePiece.Space;
}
