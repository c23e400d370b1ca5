using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Evaluation;

/// <summary>One way of choosing tokens, with a name for the table. The selector may depend on the picture's number: random draws do.</summary>
internal sealed record PruningRule(string Name, Func<VisionLanguageModel, SensitivityEstimator?> Estimator, Func<int, TokenSelector> Selector)
{
    public static PruningRule ByDiversity(string name, Func<TokenSelector> selector) => new(name, _ => null, _ => selector());

    public static PruningRule ClosedForm(string name, Func<TokenSelector> selector) =>
        new(name, model => model.CreateEstimator(SensitivityMethod.ClosedForm), _ => selector());

    /// <summary>Other tokens in every picture, as if drawn one after the other.</summary>
    public static PruningRule Random(string name, int seed) => new(name, _ => null, picture => new RandomSelector((seed * 1000) + picture));

    public TokenPruner Create(VisionLanguageModel model, int tokens, int picture) =>
        new(Estimator(model), Selector(picture), new TokenBudget { Count = tokens });
}
