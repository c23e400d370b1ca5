namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Changes text before it is split.</summary>
internal abstract class TextNormalizer
{
    public abstract string Normalize(string text);
}
