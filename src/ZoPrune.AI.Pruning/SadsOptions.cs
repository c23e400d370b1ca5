namespace ZoPrune.AI.Pruning;

/// <summary>Options of the <see cref="SadsSelector"/>; the defaults are the published rule.</summary>
public sealed record SadsOptions
{
    /// <summary>The rule of arXiv 2509.24837: raw cosines, weight one, no floor.</summary>
    public static SadsOptions Published { get; } = new();

    /// <summary>The same rule with sensitivities in proportion: <see cref="SensitivityScale.Proportional"/>.</summary>
    public static SadsOptions Proportional { get; } = new() { Scale = SensitivityScale.Proportional };

    /// <summary>How sensitivities become factors Ŝ; <see cref="SensitivityScale.MinMax"/> is the published rule.</summary>
    public SensitivityScale Scale { get; init; } = SensitivityScale.MinMax;

    /// <summary>Between which vectors cosines are taken.</summary>
    public CosineSpace Cosine { get; init; } = CosineSpace.Raw;

    /// <summary>
    /// The exponent w on the normalised sensitivity, <c>score = Ŝ^w · distance</c>; finite, at least 0. 1 is the published rule; 0 leaves
    /// diversity alone behind the first pick.
    /// </summary>
    public double SensitivityWeight { get; init; } = 1;

    /// <summary>The least normalised sensitivity f, in [0, 1]: Ŝ is mapped to <c>f + (1 − f) Ŝ</c>. 0 is the published rule.</summary>
    public double SensitivityFloor { get; init; }

    internal void Validate()
    {
        if (!Enum.IsDefined(Cosine))
        {
            throw new ArgumentOutOfRangeException(nameof(Cosine), Cosine, "Unknown cosine space.");
        }

        if (!Enum.IsDefined(Scale))
        {
            throw new ArgumentOutOfRangeException(nameof(Scale), Scale, "Unknown scale of sensitivities.");
        }

        if (!double.IsFinite(SensitivityWeight) || SensitivityWeight < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(SensitivityWeight), SensitivityWeight, "The weight of the sensitivity must be finite and at least 0.");
        }

        if (!(SensitivityFloor is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(SensitivityFloor), SensitivityFloor, "The floor of the sensitivity must lie between 0 and 1.");
        }
    }
}
