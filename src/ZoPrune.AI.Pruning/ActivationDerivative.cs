using System.Numerics;
using System.Runtime.CompilerServices;

namespace ZoPrune.AI.Pruning;

/// <summary>Derivatives of the activations, elementwise and in place, good to 3e-7.</summary>
internal static class ActivationDerivative
{
    // Behind this every derivative is 0 or 1 in float32; it keeps powers and exponentials inside the range of float32.
    private const float Saturation = 30;

    /// <summary>Replaces each pre-activation by <c>σ'</c> of it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No such activation.</exception>
    public static void Apply(ProjectorActivation activation, Span<float> values)
    {
        switch (activation)
        {
            case ProjectorActivation.Identity:
                values.Fill(1);
                break;
            case ProjectorActivation.Relu:
                Map<ReluSlope>(values);
                break;
            case ProjectorActivation.Gelu:
                Map<GeluSlope>(values);
                break;
            case ProjectorActivation.GeluTanh:
                Map<GeluTanhSlope>(values);
                break;
            case ProjectorActivation.QuickGelu:
                Map<QuickGeluSlope>(values);
                break;
            case ProjectorActivation.Silu:
                Map<SiluSlope>(values);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation.");
        }
    }

    // One body for each function, optimised at once: a delegate for every eight values costs more than the function, and the first image
    // counts, too.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Map<TSlope>(Span<float> values)
        where TSlope : struct, ISlope
    {
        var width = Vector<float>.Count;
        while (values.Length >= width)
        {
            TSlope.At(Clamp(new Vector<float>(values))).CopyTo(values);
            values = values[width..];
        }

        if (values.Length > 0)
        {
            Span<float> rest = stackalloc float[width];
            values.CopyTo(rest);
            TSlope.At(Clamp(new Vector<float>(rest))).CopyTo(rest);
            rest[..values.Length].CopyTo(values);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Clamp(Vector<float> x) =>
        Vector.Clamp(x, new Vector<float>(-Saturation), new Vector<float>(Saturation));

    /// <summary>
    /// The exponential of numbers that are not positive, to 2e-7 of its value; below -87 that of -87. Vector.Exp goes through double
    /// precision, which took most of the time of a derivative.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Exp(Vector<float> x)
    {
        // e^x = 2^n e^r with |r| <= ln 2 / 2; ln 2 in two parts, of which n times the first is exact. 1.5 * 2^23 rounds to an integer.
        x = Vector.Max(x, new Vector<float>(-87));
        var shifter = new Vector<float>(12582912);
        var n = Vector.MultiplyAddEstimate(x, new Vector<float>(1.44269504f), shifter) - shifter;
        var r = x - (n * 0.693359375f) + (n * 2.12194440e-4f);
        var series = (((((((((r * 1.9875691500e-4f) + new Vector<float>(1.3981999507e-3f)) * r) + new Vector<float>(8.3334519073e-3f)) * r)
            + new Vector<float>(4.1665795894e-2f)) * r) + new Vector<float>(1.6666665459e-1f)) * r) + new Vector<float>(0.5f);
        var mantissa = (series * r * r) + r + Vector<float>.One;
        var exponent = Vector.ConvertToInt32(n) + new Vector<int>(127);
        return mantissa * Vector.AsVectorSingle(Vector.ShiftLeft(exponent, 23));
    }

    /// <summary><c>Φ(x) + x φ(x)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Gelu(Vector<float> x)
    {
        // .NET has no erf. Abramowitz and Stegun 7.1.26 (error below 1.5e-7) needs just the exp(-x²/2) that φ needs as well.
        var density = Exp(x * x * -0.5f);
        var t = Vector<float>.One / (Vector<float>.One + (Vector.Abs(x) * (0.3275911f * 0.70710678f)));
        var series = ((((((((t * 1.061405429f) - new Vector<float>(1.453152027f)) * t) + new Vector<float>(1.421413741f)) * t)
            - new Vector<float>(0.284496736f)) * t) + new Vector<float>(0.254829592f)) * t;
        var tail = series * density * 0.5f;
        var distribution = Vector.ConditionalSelect(Vector.LessThan(x, default), tail, Vector<float>.One - tail);
        return distribution + (x * density * 0.39894228f);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> GeluTanh(Vector<float> x)
    {
        const float Scale = 0.7978845608f;
        const float Cubic = 0.044715f;
        // (1 + tanh y) / 2 = σ(2y), which does not cancel where tanh nears -1.
        var square = x * x;
        var (sigmoid, complement) = Sigmoid(x * (Vector<float>.One + (square * Cubic)) * (2 * Scale));
        var slope = (Vector<float>.One + (square * (3 * Cubic))) * (2 * Scale);
        return sigmoid * (Vector<float>.One + (x * complement * slope));
    }

    /// <summary>The derivative of <c>x σ(a x)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Swish(Vector<float> x, float a)
    {
        var scaled = x * a;
        var (sigmoid, complement) = Sigmoid(scaled);
        return sigmoid * (Vector<float>.One + (scaled * complement));
    }

    /// <summary><c>σ(x)</c> and <c>1 − σ(x)</c>, the latter without cancellation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<float> Value, Vector<float> Complement) Sigmoid(Vector<float> x)
    {
        // Of x and -x the exponential is taken that does not overflow.
        var decay = Exp(-Vector.Abs(x));
        var larger = Vector<float>.One / (Vector<float>.One + decay);
        var smaller = decay * larger;
        var negative = Vector.LessThan(x, default);
        return (Vector.ConditionalSelect(negative, smaller, larger), Vector.ConditionalSelect(negative, larger, smaller));
    }

    private interface ISlope
    {
        static abstract Vector<float> At(Vector<float> x);
    }

    private readonly struct ReluSlope : ISlope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> At(Vector<float> x) => Vector.ConditionalSelect(Vector.GreaterThan(x, default), Vector<float>.One, default);
    }

    private readonly struct GeluSlope : ISlope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> At(Vector<float> x) => Gelu(x);
    }

    private readonly struct GeluTanhSlope : ISlope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> At(Vector<float> x) => GeluTanh(x);
    }

    private readonly struct QuickGeluSlope : ISlope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> At(Vector<float> x) => Swish(x, 1.702f);
    }

    private readonly struct SiluSlope : ISlope
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<float> At(Vector<float> x) => Swish(x, 1);
    }
}
