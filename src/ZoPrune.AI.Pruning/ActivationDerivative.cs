using System.Numerics;

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
                Map(values, static x => Vector.ConditionalSelect(Vector.GreaterThan(x, default), Vector<float>.One, default));
                break;
            case ProjectorActivation.Gelu:
                Map(values, Gelu);
                break;
            case ProjectorActivation.GeluTanh:
                Map(values, GeluTanh);
                break;
            case ProjectorActivation.QuickGelu:
                Map(values, static x => Swish(x, 1.702f));
                break;
            case ProjectorActivation.Silu:
                Map(values, static x => Swish(x, 1));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(activation), activation, "Unknown activation.");
        }
    }

    private static void Map(Span<float> values, Func<Vector<float>, Vector<float>> derivative)
    {
        var width = Vector<float>.Count;
        while (values.Length >= width)
        {
            derivative(Clamp(new Vector<float>(values))).CopyTo(values);
            values = values[width..];
        }

        if (values.Length > 0)
        {
            Span<float> rest = stackalloc float[width];
            values.CopyTo(rest);
            derivative(Clamp(new Vector<float>(rest))).CopyTo(rest);
            rest[..values.Length].CopyTo(values);
        }
    }

    private static Vector<float> Clamp(Vector<float> x) =>
        Vector.Clamp(x, new Vector<float>(-Saturation), new Vector<float>(Saturation));

    /// <summary><c>Φ(x) + x φ(x)</c>.</summary>
    private static Vector<float> Gelu(Vector<float> x)
    {
        // .NET has no erf. Abramowitz and Stegun 7.1.26 (error below 1.5e-7) needs just the exp(-x²/2) that φ needs as well.
        var density = Vector.Exp(x * x * -0.5f);
        var t = Vector<float>.One / (Vector<float>.One + (Vector.Abs(x) * (0.3275911f * 0.70710678f)));
        var series = ((((((((t * 1.061405429f) - new Vector<float>(1.453152027f)) * t) + new Vector<float>(1.421413741f)) * t)
            - new Vector<float>(0.284496736f)) * t) + new Vector<float>(0.254829592f)) * t;
        var tail = series * density * 0.5f;
        var distribution = Vector.ConditionalSelect(Vector.LessThan(x, default), tail, Vector<float>.One - tail);
        return distribution + (x * density * 0.39894228f);
    }

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
    private static Vector<float> Swish(Vector<float> x, float a)
    {
        var scaled = x * a;
        var (sigmoid, complement) = Sigmoid(scaled);
        return sigmoid * (Vector<float>.One + (scaled * complement));
    }

    /// <summary><c>σ(x)</c> and <c>1 − σ(x)</c>, the latter without cancellation.</summary>
    private static (Vector<float> Value, Vector<float> Complement) Sigmoid(Vector<float> x)
    {
        // Of x and -x the exponential is taken that does not overflow.
        var decay = Vector.Exp(-Vector.Abs(x));
        var larger = Vector<float>.One / (Vector<float>.One + decay);
        var smaller = decay * larger;
        var negative = Vector.LessThan(x, default);
        return (Vector.ConditionalSelect(negative, smaller, larger), Vector.ConditionalSelect(negative, larger, smaller));
    }
}
