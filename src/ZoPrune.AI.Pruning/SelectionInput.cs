namespace ZoPrune.AI.Pruning;

/// <summary>What a selector chooses from: the prunable tokens of one image or one crop.</summary>
public sealed class SelectionInput
{
    /// <summary>The projected embeddings <c>Z</c>, [tokens, d_t].</summary>
    public required TokenMatrix Embeddings { get; init; }

    /// <summary>One sensitivity per token; empty where there are none, or none that tell tokens apart.</summary>
    public ReadOnlyMemory<float> Sensitivity { get; init; }

    /// <summary>How the tokens lie over the image, if they fill a grid.</summary>
    public TokenGrid? Grid { get; init; }
}
