using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace ZoPrune.AI.Pruning;

/// <summary>Derivatives of the activations, elementwise and in place, good to 3e-7.</summary>
internal static class ActivationDerivative
{
    // Behind this every derivative is 0 or 1 in float32; it keeps powers and exponentials inside the range of float32.
    private const float Saturation = 30;

    /// <summary>Replaces each pre-activation by <c>σ'</c> of it.</summary>
    /// <returns>Whether all pre-activations were finite.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No such activation.</exception>
    public static bool Apply(ProjectorActivation activation, Span<float> values) => activation switch
    {
        ProjectorActivation.Identity => Map<IdentitySlope>(values),
        ProjectorActivation.Relu => Map<ReluSlope>(values),
        ProjectorActivation.Gelu => Map<GeluSlope>(values),
        ProjectorActivation.GeluTanh => Map<GeluTanhSlope>(values),
        ProjectorActivation.QuickGelu => Map<QuickGeluSlope>(values),
        ProjectorActivation.Silu => Map<SiluSlope>(values),
        _ => throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation."),
    };

    /// <summary>How far a derivative can be from one half.</summary>
    public static float ReachOf(ProjectorActivation activation) => activation switch
    {
        ProjectorActivation.Identity or ProjectorActivation.Relu => 0.5f,

        // The derivative of x σ(a x) reaches 1.0998, that of GELU 1.1289 and its approximation 1.1290; below they are as much under zero.
        ProjectorActivation.QuickGelu or ProjectorActivation.Silu => 0.6f,
        _ => 0.6291f,
    };

    // One body for each function, optimised at once: a delegate for every eight values costs more than the function, and the first image
    // counts, too.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Map<TSlope>(Span<float> values)
        where TSlope : struct, ISlope
    {
        // What is not finite leaves no zero when it is taken from itself.
        var doubt = Vector512<float>.Zero;
        var width = Vector512<float>.Count;
        while (values.Length >= width)
        {
            var x = Vector512.Create<float>(values);
            doubt += x - x;
            TSlope.At(Clamp(x)).CopyTo(values);
            values = values[width..];
        }

        if (values.Length > 0)
        {
            Span<float> rest = stackalloc float[width];
            rest.Clear();
            values.CopyTo(rest);
            var x = Vector512.Create<float>(rest);
            doubt += x - x;
            TSlope.At(Clamp(x)).CopyTo(rest);
            rest[..values.Length].CopyTo(values);
        }

        return doubt == Vector512<float>.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Clamp(Vector512<float> x) =>
        Vector512.Clamp(x, Vector512.Create(-Saturation), Vector512.Create(Saturation));

    /// <summary>
    /// The exponential of numbers that are not positive, to 2e-7 of its value; below -87 that of -87. Vector512.Exp goes through double
    /// precision, which took most of the time of a derivative.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp(Vector512<float> x)
    {
        // e^x = 2^n e^r with |r| <= ln 2 / 2; ln 2 in two parts, of which n times the first is exact. 1.5 * 2^23 rounds to an integer.
        x = Vector512.Max(x, Vector512.Create(-87f));
        var shifter = Vector512.Create(12582912f);
        var n = Vector512.MultiplyAddEstimate(x, Vector512.Create(1.44269504f), shifter) - shifter;
        var r = x - (n * 0.693359375f) + (n * 2.12194440e-4f);
        var series = (((((((((r * 1.9875691500e-4f) + Vector512.Create(1.3981999507e-3f)) * r) + Vector512.Create(8.3334519073e-3f)) * r)
            + Vector512.Create(4.1665795894e-2f)) * r) + Vector512.Create(1.6666665459e-1f)) * r) + Vector512.Create(0.5f);
        var mantissa = (series * r * r) + r + Vector512<float>.One;
        var exponent = Vector512.ConvertToInt32(n) + Vector512.Create(127);
        return mantissa * (exponent << 23).AsSingle();
    }

    /// <summary><c>Φ(x) + x φ(x)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Gelu(Vector512<float> x)
    {
        // .NET has no erf. Abramowitz and Stegun 7.1.26 (error below 1.5e-7) needs just the exp(-x²/2) that φ needs as well.
        var density = Exp(x * x * -0.5f);
        var t = Vector512<float>.One / (Vector512<float>.One + (Vector512.Abs(x) * (0.3275911f * 0.70710678f)));
        var series = ((((((((t * 1.061405429f) - Vector512.Create(1.453152027f)) * t) + Vector512.Create(1.421413741f)) * t)
            - Vector512.Create(0.284496736f)) * t) + Vector512.Create(0.254829592f)) * t;
        var tail = series * density * 0.5f;
        var distribution = Vector512.ConditionalSelect(Vector512.LessThan(x, default), tail, Vector512<float>.One - tail);
        return distribution + (x * density * 0.39894228f);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> GeluTanh(Vector512<float> x)
    {
        const float Scale = 0.7978845608f;
        const float Cubic = 0.044715f;
        // (1 + tanh y) / 2 = σ(2y), which does not cancel where tanh nears -1.
        var square = x * x;
        var (sigmoid, complement) = Sigmoid(x * (Vector512<float>.One + (square * Cubic)) * (2 * Scale));
        var slope = (Vector512<float>.One + (square * (3 * Cubic))) * (2 * Scale);
        return sigmoid * (Vector512<float>.One + (x * complement * slope));
    }

    /// <summary>The derivative of <c>x σ(a x)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Swish(Vector512<float> x, float a)
    {
        var scaled = x * a;
        var (sigmoid, complement) = Sigmoid(scaled);
        return sigmoid * (Vector512<float>.One + (scaled * complement));
    }

    /// <summary><c>σ(x)</c> and <c>1 − σ(x)</c>, the latter without cancellation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector512<float> Value, Vector512<float> Complement) Sigmoid(Vector512<float> x)
    {
        // Of x and -x the exponential is taken that does not overflow.
        var decay = Exp(-Vector512.Abs(x));
        var larger = Vector512<float>.One / (Vector512<float>.One + decay);
        var smaller = decay * larger;
        var negative = Vector512.LessThan(x, default);
        return (Vector512.ConditionalSelect(negative, smaller, larger), Vector512.ConditionalSelect(negative, larger, smaller));
    }

    private interface ISlope
    {
        static abstract Vector512<float> At(Vector512<float> x);
    }

    private readonly struct IdentitySlope : ISlope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => Vector512<float>.One;
    }

    private readonly struct ReluSlope : ISlope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => Vector512.ConditionalSelect(Vector512.GreaterThan(x, default), Vector512<float>.One, default);
    }

    private readonly struct GeluSlope : ISlope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => Gelu(x);
    }

    private readonly struct GeluTanhSlope : ISlope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => GeluTanh(x);
    }

    private readonly struct QuickGeluSlope : ISlope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => Swish(x, 1.702f);
    }

    private readonly struct SiluSlope : ISlope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> At(Vector512<float> x) => Swish(x, 1);
    }
}
