using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Evaluation;

/// <summary>The rules that the table compares.</summary>
internal static class Rules
{
    public static PruningRule[] All() =>
    [
        PruningRule.ClosedForm("SADS, closed form (published rule)", () => new SadsSelector(SadsOptions.Published)),
        PruningRule.ClosedForm("SADS in proportion, closed form (default)", () => new SadsSelector(SadsOptions.Proportional)),
        new("SADS, zeroth order m = 64", model => model.CreateEstimator(SensitivityMethod.ZerothOrder), _ => new SadsSelector(SadsOptions.Published)),
        PruningRule.ByDiversity("DivPrune", () => new DivPruneSelector()),
        PruningRule.ClosedForm("top by sensitivity", () => new TopSensitivitySelector()),
        PruningRule.ByDiversity("uniform grid", () => new UniformGridSelector()),
    ];

    public static string Random(int seed) => $"random, seed {seed}";
}
