namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>A set of bytes, as 256 bits.</summary>
internal readonly record struct ByteSet(ulong A, ulong B, ulong C, ulong D)
{
    public static ByteSet Of(byte value) => Range(value, value);

    public static ByteSet Range(byte first, byte last)
    {
        Span<ulong> words = stackalloc ulong[4];
        for (int b = first; b <= last; b++)
        {
            words[b >> 6] |= 1UL << (b & 63);
        }

        return new ByteSet(words[0], words[1], words[2], words[3]);
    }

    public bool IsEmpty => (A | B | C | D) == 0;

    public bool Contains(byte value) => ((Word(value >> 6) >> (value & 63)) & 1) != 0;

    /// <summary>The only byte of the set, or -1 if it has none or several.</summary>
    public int Single
    {
        get
        {
            var (count, single) = (0, -1);
            for (var i = 0; i < 4; i++)
            {
                var word = Word(i);
                count += System.Numerics.BitOperations.PopCount(word);
                single = word != 0 ? (i * 64) + System.Numerics.BitOperations.TrailingZeroCount(word) : single;
            }

            return count == 1 ? single : -1;
        }
    }

    public static ByteSet operator &(ByteSet x, ByteSet y) => new(x.A & y.A, x.B & y.B, x.C & y.C, x.D & y.D);

    public static ByteSet operator |(ByteSet x, ByteSet y) => new(x.A | y.A, x.B | y.B, x.C | y.C, x.D | y.D);

    private ulong Word(int index) => index switch { 0 => A, 1 => B, 2 => C, _ => D };
}
