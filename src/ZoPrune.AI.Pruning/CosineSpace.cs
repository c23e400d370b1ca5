namespace ZoPrune.AI.Pruning;

/// <summary>Between which vectors cosines are taken.</summary>
public enum CosineSpace
{
    /// <summary>The embeddings as they are, as published.</summary>
    Raw,

    /// <summary>The embeddings less the mean of all embeddings that take part in the selection.</summary>
    MeanCentred,
}
