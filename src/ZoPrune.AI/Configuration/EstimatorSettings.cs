using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Configuration;

/// <summary>Which estimator of a model is meant: the key under which it is kept.</summary>
internal sealed record EstimatorSettings(SensitivityEstimation Estimation, int Directions, float Step, int Seed)
{
    public ZerothOrderOptions ToZerothOrder() => new() { Directions = Directions, Step = Step, Seed = Seed };
}
