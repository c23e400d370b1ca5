using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Estimators;

/// <summary>An estimator that is set against the exact closed form.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Estimator">The estimator.</param>
internal sealed record ComparedEstimator(string Name, SensitivityEstimator Estimator);
