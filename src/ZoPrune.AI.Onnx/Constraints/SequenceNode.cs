namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>Parts one after the other.</summary>
internal sealed class SequenceNode(GrammarNode[] items) : GrammarNode
{
    public GrammarNode[] Items { get; } = items;
}
