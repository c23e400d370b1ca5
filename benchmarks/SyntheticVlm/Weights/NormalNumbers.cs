namespace ZoPrune.AI.SyntheticVlm.Weights;

/// <summary>
/// Random numbers that are nearly normal and the same on every machine: sums of four uniform 16-bit numbers (kurtosis 2.7, at most 3.46
/// deviations), made with integers only. Logarithms and cosines would differ in the last bit from one C library to the next.
/// </summary>
/// <param name="seed">Where the sequence starts.</param>
internal sealed class NormalNumbers(ulong seed)
{
    /// <summary>The standard deviation of <see cref="NextInteger"/>: sqrt(4 · (2^32 − 1) / 12).</summary>
    public const double Deviation = 37837.227;

    private const int Mean = 2 * ushort.MaxValue;

    private ulong _state = seed;

    /// <summary>The next number: an integer of mean 0, deviation <see cref="Deviation"/> and 18 bits, so exact as float32.</summary>
    public int NextInteger()
    {
        var bits = Scramble(_state += 0x9E3779B97F4A7C15);
        return (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF) + (int)(bits >> 48) - Mean;
    }

    /// <summary>Fills a span with numbers of mean 0.</summary>
    /// <param name="values">Where they go.</param>
    /// <param name="deviation">Their standard deviation.</param>
    public void Fill(Span<float> values, double deviation)
    {
        var scale = (float)(deviation / Deviation);
        foreach (ref var value in values)
        {
            value = NextInteger() * scale;
        }
    }

    /// <summary>The seed of one tensor, so that its values do not depend on which tensors come before it.</summary>
    public static ulong SeedOf(ulong seed, string name)
    {
        // FNV-1a over UTF-16 units.
        var hash = 0xCBF29CE484222325;
        foreach (var c in name)
        {
            hash = (hash ^ c) * 0x100000001B3;
        }

        return Scramble(Scramble(seed) ^ hash);
    }

    /// <summary>The output function of SplitMix64.</summary>
    private static ulong Scramble(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
