namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>One of several parts; of none: nothing matches.</summary>
internal sealed class ChoiceNode(GrammarNode[] options) : GrammarNode
{
    public GrammarNode[] Options { get; } = options;
}
