namespace ZoPrune.AI.Pruning;

/// <summary>How a row is normalised before an affine map.</summary>
public enum NormalizationKind
{
    /// <summary><c>(x − mean x) / sqrt(variance x + ε)</c>, times a gain.</summary>
    LayerNorm,

    /// <summary><c>x / sqrt(mean x² + ε)</c>, times a gain.</summary>
    RmsNorm,
}
