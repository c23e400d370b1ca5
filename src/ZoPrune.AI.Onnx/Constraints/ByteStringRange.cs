namespace ZoPrune.AI.Onnx.Constraints;

/// <summary>Byte strings of one length between two of them, as grammars.</summary>
internal static class ByteStringRange
{
    /// <summary>The strings from one to another, in products of ranges of bytes.</summary>
    /// <param name="first">The first string.</param>
    /// <param name="last">The last string: as long, and not before the first.</param>
    /// <param name="low">The least byte behind the first place.</param>
    /// <param name="high">The largest byte behind the first place.</param>
    public static IEnumerable<GrammarNode> Between(byte[] first, byte[] last, byte low, byte high) =>
        Split(first, last, [], low, high).Select(sets => GrammarNode.Sequence(sets.Select(set => new BytesNode(set))));

    private static IEnumerable<ByteSet[]> Split(byte[] first, byte[] last, ByteSet[] before, byte low, byte high)
    {
        if (first.Length == 0)
        {
            return [before];
        }

        if (first.AsSpan().IndexOfAnyExcept(low) < 0 && last.AsSpan().IndexOfAnyExcept(high) < 0)
        {
            return [[.. before, .. first.Select(_ => ByteSet.Range(low, high))]];
        }

        if (first[0] == last[0])
        {
            return Split(first[1..], last[1..], [.. before, ByteSet.Of(first[0])], low, high);
        }

        var (from, to) = (first[0], last[0]);
        var lows = Enumerable.Repeat(low, first.Length - 1).ToArray();
        var highs = Enumerable.Repeat(high, first.Length - 1).ToArray();
        var results = new List<ByteSet[]>();
        if (first.AsSpan(1).IndexOfAnyExcept(low) >= 0)
        {
            results.AddRange(Split(first[1..], highs, [.. before, ByteSet.Of(from)], low, high));
            from++;
        }

        var endsWithin = last.AsSpan(1).IndexOfAnyExcept(high) >= 0;
        if (endsWithin)
        {
            to--;
        }

        if (from <= to)
        {
            results.AddRange(Split(lows, highs, [.. before, ByteSet.Range(from, to)], low, high));
        }

        if (endsWithin)
        {
            results.AddRange(Split(lows, last[1..], [.. before, ByteSet.Of(last[0])], low, high));
        }

        return results;
    }
}
