using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Estimators;

/// <summary>The estimators of a model: one line here is one line in the table.</summary>
internal static class ComparedEstimators
{
    /// <summary>The closed form as it is computed by default where it is wide and the processor can.</summary>
    public const string EightBit = "closed form, in eight bits";

    /// <summary>As published.</summary>
    public const string Differences = "finite differences, m = 64";

    /// <summary>The one that the others are set against.</summary>
    public static SensitivityEstimator Exact(VisionLanguageModel model) =>
        model.CreateEstimator(SensitivityMethod.ExactClosedForm) ?? throw new InvalidOperationException(model.NoEstimatorReason);

    /// <summary>The others. An approximation of the closed form goes here.</summary>
    public static IReadOnlyList<ComparedEstimator> Others(VisionLanguageModel model) =>
    [
        new(EightBit, new ClosedFormEstimator(model.ProjectorWeights, ClosedFormArithmetic.EightBit)),
        new(Differences, FiniteDifferences(model, seed: 0)),
        new("finite differences, m = 64, another seed", FiniteDifferences(model, seed: 1)),
    ];

    private static SensitivityEstimator FiniteDifferences(VisionLanguageModel model, int seed) =>
        model.CreateEstimator(SensitivityMethod.ZerothOrder, new ZerothOrderOptions { Directions = 64, Seed = seed })
        ?? throw new InvalidOperationException(model.NoEstimatorReason);
}
