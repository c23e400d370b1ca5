namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Puts "▁" before the text, as Llama's tokenizers do.</summary>
internal sealed class DummyPrefixNormalizer : TextNormalizer
{
    public override string Normalize(string text) => SentencePiece.Space + text;
}
