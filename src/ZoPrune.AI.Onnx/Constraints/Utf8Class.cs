namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>Sets of Unicode characters as grammars over the bytes of their UTF-8 form.</summary>
internal static class Utf8Class
{
    private const int LastBeforeSurrogates = 0xD7FF;
    private const int FirstBehindSurrogates = 0xE000;
    private const int Last = 0x10FFFF;

    /// <summary>Any character.</summary>
    public static GrammarNode Any { get; } = Of([(0, Last)]);

    /// <summary>One character of the ranges. Surrogates are left out: they are no characters.</summary>
    public static GrammarNode Of(IEnumerable<(int First, int Last)> ranges)
    {
        var single = default(ByteSet);
        var options = new List<GrammarNode>();
        foreach (var (first, last) in ranges)
        {
            Add(first, Math.Min(last, LastBeforeSurrogates));
            Add(Math.Max(first, FirstBehindSurrogates), last);
        }

        if (!single.IsEmpty)
        {
            options.Insert(0, new BytesNode(single));
        }

        return options.Count == 1 ? options[0] : GrammarNode.AnyOf(options);

        void Add(int from, int to)
        {
            foreach (var (start, end) in new[] { (0, 0x7F), (0x80, 0x7FF), (0x800, 0xFFFF), (0x10000, Last) })
            {
                var (first, last) = (Math.Max(from, start), Math.Min(to, end));
                if (first > last)
                {
                    continue;
                }

                if (end == 0x7F)
                {
                    single |= ByteSet.Range((byte)first, (byte)last);
                    continue;
                }

                options.AddRange(ByteStringRange.Between(Encode(first), Encode(last), 0x80, 0xBF));
            }
        }
    }

    private static byte[] Encode(int character)
    {
        Span<byte> bytes = stackalloc byte[4];
        return bytes[..new System.Text.Rune(character).EncodeToUtf8(bytes)].ToArray();
    }
}
