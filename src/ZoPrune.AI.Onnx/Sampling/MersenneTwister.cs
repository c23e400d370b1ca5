namespace ZoPrune.AI.Onnx.Sampling;

/// <summary>
/// The 32-bit Mersenne Twister MT19937 of M. Matsumoto and T. Nishimura (ACM TOMACS 8, 1998), the generator that C++ calls
/// <c>std::mt19937</c>. Not safe for several threads.
/// </summary>
internal sealed class MersenneTwister
{
    private const int Size = 624;
    private const int Shift = 397;

    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    public MersenneTwister(uint seed)
    {
        _state[0] = seed;
        for (var i = 1; i < Size; i++)
        {
            var previous = _state[i - 1];
            _state[i] = (1812433253u * (previous ^ (previous >> 30))) + (uint)i;
        }
    }

    /// <summary>The next 32 random bits.</summary>
    public uint NextUInt32()
    {
        if (_next == Size)
        {
            Twist();
        }

        var y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680u;
        y ^= (y << 15) & 0xEFC60000u;
        return y ^ (y >> 18);
    }

    /// <summary>
    /// A number in [0, 1) from two outputs, low half first: what libstdc++'s <c>std::generate_canonical</c> makes of this generator.
    /// </summary>
    public double NextCanonical()
    {
        const double word = 4294967296.0;
        double low = NextUInt32();
        var value = (low + (NextUInt32() * word)) / (word * word);
        return value < 1 ? value : Math.BitDecrement(1.0);
    }

    private void Twist()
    {
        for (var i = 0; i < Size; i++)
        {
            var y = (_state[i] & 0x80000000u) | (_state[(i + 1) % Size] & 0x7FFFFFFFu);
            _state[i] = _state[(i + Shift) % Size] ^ (y >> 1) ^ ((y & 1) == 0 ? 0 : 0x9908B0DFu);
        }

        _next = 0;
    }
}
