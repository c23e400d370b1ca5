using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Caching;

/// <summary>Stands in for the estimator that measured the sensitivities of one picture before.</summary>
internal sealed class KnownSensitivities(string name, float[] values) : SensitivityEstimator
{
    public override string Name => name;

    public int Count => values.Length;

    // A copy: it belongs to the caller.
    public override float[] Estimate(PrunableTokens tokens, CancellationToken cancellationToken) => [.. values];
}
