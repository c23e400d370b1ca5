namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>A part that is called.</summary>
internal sealed class RuleNode(GrammarNode body) : GrammarNode
{
    public GrammarNode Body { get; } = body;
}
