namespace ZoPrune.AI.SyntheticVlm.Weights;

/// <summary>
/// Cosines and sines of rotary positions, by additions and multiplications of doubles only: library functions differ in the last bit from
/// one machine to the next.
/// </summary>
internal static class RotaryTable
{
    /// <summary>The angle per position of each pair: theta^(−i / pairs).</summary>
    /// <param name="theta">The base.</param>
    /// <param name="pairs">How many, a power of two.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="pairs"/> is no power of two.</exception>
    public static double[] Frequencies(double theta, int pairs)
    {
        if (!int.IsPow2(pairs))
        {
            throw new ArgumentOutOfRangeException(nameof(pairs), pairs, "The number of pairs must be a power of two.");
        }

        var ratio = 1 / theta;
        for (var n = pairs; n > 1; n /= 2)
        {
            ratio = Math.Sqrt(ratio);
        }

        var frequencies = new double[pairs];
        frequencies[0] = 1;
        for (var i = 1; i < pairs; i++)
        {
            frequencies[i] = frequencies[i - 1] * ratio;
        }

        return frequencies;
    }

    /// <summary>Writes two tables [positions, pairs].</summary>
    public static void Write(double[] frequencies, int positions, WeightRegion cosines, WeightRegion sines)
    {
        var pairs = frequencies.Length;
        var step = new (double Cos, double Sin)[pairs];
        var now = new (double Cos, double Sin)[pairs];
        for (var i = 0; i < pairs; i++)
        {
            step[i] = SmallAngle(frequencies[i]);
            now[i] = (1, 0);
        }

        var (cos, sin) = (new float[pairs], new float[pairs]);
        for (var position = 0; position < positions; position++)
        {
            for (var i = 0; i < pairs; i++)
            {
                (cos[i], sin[i]) = ((float)now[i].Cos, (float)now[i].Sin);
                now[i] = ((now[i].Cos * step[i].Cos) - (now[i].Sin * step[i].Sin), (now[i].Sin * step[i].Cos) + (now[i].Cos * step[i].Sin));
            }

            cosines.Write(cos);
            sines.Write(sin);
        }
    }

    /// <summary>Cosine and sine of an angle from 0 to 1, by their series.</summary>
    private static (double Cos, double Sin) SmallAngle(double angle)
    {
        const int Terms = 24;
        var (cos, sin, term) = (0.0, 0.0, 1.0);
        for (var n = 0; n < Terms; n++)
        {
            switch (n % 4)
            {
                case 0:
                    cos += term;
                    break;
                case 1:
                    sin += term;
                    break;
                case 2:
                    cos -= term;
                    break;
                default:
                    sin -= term;
                    break;
            }

            term *= angle / (n + 1);
        }

        return (cos, sin);
    }
}
