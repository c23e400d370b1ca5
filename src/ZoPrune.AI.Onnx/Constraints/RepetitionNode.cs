namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>A part several times.</summary>
internal sealed class RepetitionNode(GrammarNode item, int min, int? max) : GrammarNode
{
    public GrammarNode Item { get; } = item;

    public int Min { get; } = min;

    public int? Max { get; } = max;
}
