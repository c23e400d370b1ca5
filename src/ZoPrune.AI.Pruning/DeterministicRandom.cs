namespace ZoPrune.AI.Pruning;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, 2014) with normal deviates by Marsaglia's polar method. Only integer arithmetic and the IEEE 754
/// operations + - * / and sqrt are used, so that a seed gives the same numbers on every platform and every version of .NET, which
/// System.Random does not promise and the platform's logarithm does not keep.
/// </summary>
internal sealed class DeterministicRandom(long seed)
{
    private ulong _state = unchecked((ulong)seed);
    private double? _spare;

    public ulong NextUInt64()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>Uniform in [0, 1), a multiple of 2^-53.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in 0 to <paramref name="bound"/> - 1, without bias.</summary>
    public int NextBelow(int bound)
    {
        var range = (ulong)bound;
        var limit = ulong.MaxValue - (ulong.MaxValue % range);
        ulong value;
        do
        {
            value = NextUInt64();
        }
        while (value >= limit);
        return (int)(value % range);
    }

    /// <summary>Standard normal.</summary>
    public double NextGaussian()
    {
        if (_spare is { } spare)
        {
            _spare = null;
            return spare;
        }

        double x, y, square;
        do
        {
            x = (2 * NextDouble()) - 1;
            y = (2 * NextDouble()) - 1;
            square = (x * x) + (y * y);
        }
        while (square is >= 1 or 0);
        var scale = Math.Sqrt(-2 * Log(square) / square);
        _spare = y * scale;
        return x * scale;
    }

    /// <summary>The natural logarithm of a normal number in (0, 1).</summary>
    internal static double Log(double value)
    {
        const double Ln2 = 0.693147180559945309417;
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)(bits >> 52) - 1023;
        var mantissa = BitConverter.Int64BitsToDouble((bits & 0xFFFFFFFFFFFFF) | (1023L << 52));
        if (mantissa > 1.4142135623730951)
        {
            mantissa *= 0.5;
            exponent++;
        }

        // ln m = 2 artanh z with |z| < 0.172: twelve terms leave less than 1e-20.
        var z = (mantissa - 1) / (mantissa + 1);
        var square = z * z;
        var series = 0.0;
        for (var k = 23; k >= 1; k -= 2)
        {
            series = (series * square) + (1.0 / k);
        }

        return (exponent * Ln2) + (2 * z * series);
    }
}
