namespace ZoPrune.AI.Pruning;

/// <summary>Keeps random tokens. A baseline.</summary>
/// <remarks>
/// The picks are the beginning of one permutation that depends on the seed and the number of tokens alone: the same on every platform,
/// for every image with as many tokens, and for k a prefix of those for k + 1. They do not follow a permutation of the tokens.
/// </remarks>
/// <param name="seed">Seeds the permutation.</param>
public sealed class RandomSelector(int seed = 0) : TokenSelector
{
    /// <inheritdoc/>
    public override string Name => "random";

    /// <inheritdoc/>
    protected override int[] SelectCore(SelectionInput input, int count)
    {
        var random = new DeterministicRandom(seed);
        var order = Enumerable.Range(0, input.Embeddings.Rows).ToArray();
        for (var i = 0; i < count; i++)
        {
            var j = i + random.NextBelow(order.Length - i);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order[..count];
    }
}
