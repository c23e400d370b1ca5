using System.Numerics.Tensors;

namespace ZoPrune.AI.Pruning;

/// <summary>Tells sensitivities that differ from sensitivities that are equal but for rounding.</summary>
public static class SensitivitySpread
{
    /// <summary>
    /// The relative spread up to which sensitivities count as constant: 1e-4. A linear projector in float32 shows 1e-6 to some 1e-5
    /// (rounding of <c>P(v)</c>, divided by the step), which min-max normalisation would blow up to the full range; projectors with an
    /// activation show 0.1 and more; and below 1e-4 a ranking means nothing anyway, since two sets of 64 directions differ by per cents.
    /// </summary>
    public const double ConstantTolerance = 1e-4;

    /// <summary><c>(max − min) / max |S|</c>; 0 for no values and for zeros.</summary>
    /// <param name="sensitivities">Finite values.</param>
    public static double Relative(ReadOnlySpan<float> sensitivities)
    {
        if (sensitivities.IsEmpty)
        {
            return 0;
        }

        double min = TensorPrimitives.Min(sensitivities);
        double max = TensorPrimitives.Max(sensitivities);
        return max > min ? (max - min) / Math.Max(Math.Abs(min), Math.Abs(max)) : 0;
    }

    /// <summary>Whether the values are equal but for rounding.</summary>
    /// <param name="sensitivities">Finite values.</param>
    public static bool IsConstant(ReadOnlySpan<float> sensitivities) => Relative(sensitivities) <= ConstantTolerance;
}
