namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Leaves the text as it is. ONNX Runtime GenAI applies no Unicode normalisation, even where the file asks for NFC.</summary>
internal sealed class VerbatimNormalizer : TextNormalizer
{
    public override string Normalize(string text) => text;
}
