using System.Buffers;

namespace ZoPrune.AI.Onnx.Sampling;

/// <summary>Draws an index by its weight, as libstdc++'s <c>std::discrete_distribution</c> does.</summary>
internal static class DiscreteDistribution
{
    /// <summary>Draws an index. A single weight is chosen without using a random number.</summary>
    /// <param name="weights">Weights, at least one, not negative, not all zero.</param>
    /// <param name="random">The generator; advanced by two outputs, or by none for a single weight.</param>
    public static int Draw(ReadOnlySpan<float> weights, MersenneTwister random)
    {
        if (weights.Length < 2)
        {
            return 0;
        }

        var sum = 0.0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        var rented = ArrayPool<double>.Shared.Rent(weights.Length);
        try
        {
            var cumulative = rented.AsSpan(0, weights.Length);
            var total = 0.0;
            for (var i = 0; i < weights.Length; i++)
            {
                total += weights[i] / sum;
                cumulative[i] = total;
            }

            cumulative[^1] = 1;
            return LowerBound(cumulative, random.NextCanonical());
        }
        finally
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    /// <summary>The first index whose value is not below the wanted one.</summary>
    private static int LowerBound(ReadOnlySpan<double> values, double wanted)
    {
        var (first, count) = (0, values.Length);
        while (count > 0)
        {
            var half = count / 2;
            if (values[first + half] < wanted)
            {
                first += half + 1;
                count -= half + 1;
            }
            else
            {
                count = half;
            }
        }

        return first;
    }
}
