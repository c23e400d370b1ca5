using System.Numerics.Tensors;

namespace ZoPrune.AI.Pruning;

/// <summary>
/// Sensitivity-aware diversity selection (arXiv 2509.24837). <c>Ŝ</c> is S, min-max normalised (<see cref="SensitivityScale"/>); the first
/// pick is the largest Ŝ, then
/// always the largest <c>Ŝ_i · min over picks of (1 − cos(z_i, z_s))</c>. Ties go to the lower index.
/// </summary>
/// <remarks>
/// Where sensitivities are missing or constant (<see cref="SensitivitySpread"/>), Ŝ is one: diversity alone, beginning with row 0. The
/// picks for k are a prefix of those for k + 1, do not depend on the scale of the embeddings, and follow a permutation of the tokens as
/// long as no two scores are equal.
/// </remarks>
public sealed class SadsSelector : TokenSelector
{
    private readonly SadsOptions _options;

    /// <summary>Selects with these options.</summary>
    /// <param name="options">Options, or null for <see cref="SadsOptions.Published"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public SadsSelector(SadsOptions? options = null)
    {
        _options = options ?? SadsOptions.Published;
        _options.Validate();
    }

    /// <inheritdoc/>
    public override string Name => _options.Scale == SensitivityScale.Proportional ? "sads-proportional" : "sads";

    /// <inheritdoc/>
    public override bool UsesSensitivity => true;

    /// <inheritdoc/>
    protected override int[] SelectCore(SelectionInput input, int count)
    {
        var geometry = new CosineGeometry(input.Embeddings, _options.Cosine);
        if (SensitivitySpread.IsConstant(input.Sensitivity.Span))
        {
            return GreedyDiversity.Pick(geometry, [], first: 0, count);
        }

        var weights = Normalise(input.Sensitivity.Span);
        var first = TensorPrimitives.IndexOfMax<double>(weights);
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = Weigh(weights[i]);
        }

        return GreedyDiversity.Pick(geometry, weights, first, count);
    }

    private double[] Normalise(ReadOnlySpan<float> sensitivity)
    {
        double min = _options.Scale == SensitivityScale.Proportional ? 0 : TensorPrimitives.Min(sensitivity);
        double max = TensorPrimitives.Max(sensitivity);
        var normalised = new double[sensitivity.Length];
        for (var i = 0; i < normalised.Length; i++)
        {
            normalised[i] = (sensitivity[i] - min) / (max - min + 1e-8);
        }

        return normalised;
    }

    private double Weigh(double normalised)
    {
        var raised = _options.SensitivityFloor + ((1 - _options.SensitivityFloor) * normalised);
        return _options.SensitivityWeight == 1 ? raised : Math.Pow(raised, _options.SensitivityWeight);
    }
}
