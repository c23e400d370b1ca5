namespace ZoPrune.AI.Benchmarks.EndToEnd.Estimators;

/// <summary>How an estimator compares with the exact closed form.</summary>
/// <param name="Model">The model.</param>
/// <param name="Estimator">The estimator.</param>
/// <param name="Milliseconds">Median time of one picture.</param>
/// <param name="TimeRatio">Its time against the exact closed form's, median of rounds.</param>
/// <param name="TimeAgainstEightBit">Its time against the closed form's in eight bits, median of rounds.</param>
/// <param name="Spearman">How alike the two rank the visual tokens, mean over the pictures.</param>
/// <param name="InCommon">
/// The share of kept tokens that both keep, mean over the pictures, by the share that is kept; by the default selector.
/// </param>
/// <param name="InCommonAsPublished">The same by the selector of the paper.</param>
internal sealed record EstimatorResult(
    string Model,
    string Estimator,
    double Milliseconds,
    double TimeRatio,
    double TimeAgainstEightBit,
    double Spearman,
    IReadOnlyList<double> InCommon,
    IReadOnlyList<double> InCommonAsPublished);
