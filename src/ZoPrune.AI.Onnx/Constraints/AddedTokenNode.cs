namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>An added token of the tokenizer, or its text where there is no such token.</summary>
internal sealed class AddedTokenNode(string content) : GrammarNode
{
    public string Content { get; } = content;
}
