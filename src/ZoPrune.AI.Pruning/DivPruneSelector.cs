namespace ZoPrune.AI.Pruning;

/// <summary>
/// DivPrune (arXiv 2503.02175): greedy max-min cosine distance. The first pick is the token farthest from its nearest other token, then
/// always the one farthest from its nearest pick. Ties go to the lower index. No sensitivities.
/// </summary>
/// <remarks>
/// The picks for k are a prefix of those for k + 1, do not depend on the scale of the embeddings, and follow a permutation of the tokens
/// as long as no two scores are equal (two tokens that are each other's nearest always tie for the first pick).
/// </remarks>
public sealed class DivPruneSelector : TokenSelector
{
    private readonly CosineSpace _cosine;

    /// <summary>Selects by cosines in the given space.</summary>
    /// <param name="cosine">Between which vectors cosines are taken; raw as published.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such space.</exception>
    public DivPruneSelector(CosineSpace cosine = CosineSpace.Raw)
    {
        if (!Enum.IsDefined(cosine))
        {
            throw new ArgumentOutOfRangeException(nameof(cosine), cosine, "Unknown cosine space.");
        }

        _cosine = cosine;
    }

    /// <inheritdoc/>
    public override string Name => "divprune";

    /// <inheritdoc/>
    protected override int[] SelectCore(SelectionInput input, int count)
    {
        var geometry = new CosineGeometry(input.Embeddings, _cosine);
        return GreedyDiversity.Pick(geometry, [], GreedyDiversity.MostIsolated(geometry), count);
    }
}
