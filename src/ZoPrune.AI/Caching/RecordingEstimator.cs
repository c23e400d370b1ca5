using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Caching;

/// <summary>Keeps what an estimator measured of one picture.</summary>
internal sealed class RecordingEstimator(SensitivityEstimator estimator) : SensitivityEstimator
{
    public override string Name => estimator.Name;

    /// <summary>What was measured; <see langword="null"/> if nothing was.</summary>
    public KnownSensitivities? Known { get; private set; }

    public override float[] Estimate(PrunableTokens tokens, CancellationToken cancellationToken)
    {
        var values = estimator.Estimate(tokens, cancellationToken);
        Known = new KnownSensitivities(Name, [.. values]);
        return values;
    }
}
