namespace ZoPrune.AI.Pruning.Tests;

/// <summary>An estimator that gives what it was given, and counts how often.</summary>
internal sealed class FixedEstimator(float[] sensitivities) : SensitivityEstimator
{
    public int Calls { get; private set; }

    public override string Name => "fixed";

    public override float[] Estimate(PrunableTokens tokens, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Calls++;
        return [.. sensitivities];
    }
}
