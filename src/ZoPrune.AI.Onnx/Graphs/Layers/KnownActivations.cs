using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>Tells activations apart by their values, since there are more ways to write one than anybody could list.</summary>
internal static class KnownActivations
{
    /// <summary>
    /// How far a function may be off. The two kinds of GELU differ by 5e-4 at most, so the closer one is taken; the next ones differ by
    /// 2e-2. Constants in float16 move values by less than 2e-3 of them.
    /// </summary>
    private const double Tolerance = 2e-3;

    private static readonly (ProjectorActivation Activation, Func<double, double> Function)[] s_known =
    [
        (ProjectorActivation.Relu, static x => Math.Max(x, 0)),
        (ProjectorActivation.Gelu, ScalarFunctions.Gelu),
        (ProjectorActivation.GeluTanh, ScalarFunctions.GeluTanh),
        (ProjectorActivation.QuickGelu, static x => x * ScalarFunctions.Sigmoid(ScalarFunctions.QuickGeluFactor * x)),
        (ProjectorActivation.Silu, static x => x * ScalarFunctions.Sigmoid(x)),
    ];

    private static readonly double[] s_places = [.. Enumerable.Range(-48, 97).Select(i => i / 8.0)];

    /// <summary>The activation that a function is, up to a factor, which every known one approaches x for large x.</summary>
    /// <returns>The activation and the factor; <c>null</c> if the function is none of the known ones.</returns>
    public static (ProjectorActivation Activation, float Factor)? Closest(Func<double, double> function)
    {
        const double Large = 16;
        var factor = function(Large) / Large;
        if (!double.IsFinite(factor) || factor == 0)
        {
            return null;
        }

        // A factor of 1 that constants in float16 have moved is still 1.
        factor = Math.Abs(factor - 1) < Tolerance ? 1 : factor;
        var (activation, error) = s_known
            .Select(k => (k.Activation, Error: s_places.Max(x => Distance(function(x) / factor, k.Function(x)))))
            .MinBy(k => k.Error);
        return error <= Tolerance ? (activation, (float)factor) : null;

        static double Distance(double a, double b) =>
            double.IsNaN(a) ? double.PositiveInfinity : Math.Abs(a - b) / Math.Max(1, Math.Abs(b));
    }
}
