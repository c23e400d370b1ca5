namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>The <c>model</c> section: a piece of text to ids.</summary>
internal abstract class TokenModel
{
    public abstract void Tokenize(string text, List<int> ids, MergeWorkspace workspace);
}
