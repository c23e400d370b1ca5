using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Evaluation;

/// <summary>One way of choosing tokens, with a name for the table.</summary>
internal sealed record PruningRule(string Name, Func<VisionLanguageModel, SensitivityEstimator?> Estimator, Func<TokenSelector> Selector)
{
    public static PruningRule ByDiversity(string name, Func<TokenSelector> selector) => new(name, _ => null, selector);

    public static PruningRule ClosedForm(string name, Func<TokenSelector> selector) =>
        new(name, model => model.CreateEstimator(SensitivityMethod.ClosedForm), selector);

    public TokenPruner Create(VisionLanguageModel model, int tokens) =>
        new(Estimator(model), Selector(), new TokenBudget { Count = tokens });
}
