namespace ZoPrune.AI.Pruning.Tests;

/// <summary>The activations in double, written down from their definitions.</summary>
internal static class Activations
{
    public static double Of(ProjectorActivation activation, double x) => activation switch
    {
        ProjectorActivation.Identity => x,
        ProjectorActivation.Relu => Math.Max(x, 0),
        ProjectorActivation.Gelu => x * 0.5 * (1 + Erf(x / Math.Sqrt(2))),
        ProjectorActivation.GeluTanh => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
        ProjectorActivation.QuickGelu => x / (1 + Math.Exp(-1.702 * x)),
        ProjectorActivation.Silu => x / (1 + Math.Exp(-x)),
        _ => throw new ArgumentOutOfRangeException(nameof(activation)),
    };

    public static double CentralDifference(ProjectorActivation activation, double x)
    {
        const double H = 1e-5;
        return (Of(activation, x + H) - Of(activation, x - H)) / (2 * H);
    }

    /// <summary>erf x = 2/√π exp(-x²) Σ 2^n x^(2n+1) / (2n+1)!!: all terms of one sign, nothing cancels.</summary>
    public static double Erf(double x)
    {
        if (Math.Abs(x) > 6)
        {
            return Math.Sign(x);
        }

        double term = x, sum = x;
        for (var n = 1; n < 300 && Math.Abs(term) > 1e-20 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
