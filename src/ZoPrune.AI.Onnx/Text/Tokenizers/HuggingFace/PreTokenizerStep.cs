namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>A step of the <c>pre_tokenizer</c> section.</summary>
internal abstract class PreTokenizerStep
{
    public abstract void Split(PreToken token, List<PreToken> parts);
}
