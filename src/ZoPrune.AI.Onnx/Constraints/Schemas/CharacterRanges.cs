namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>Sets of characters of the basic plane as sorted, separate ranges.</summary>
internal static class CharacterRanges
{
    public const int Last = 0xFFFF;

    public static List<(int First, int Last)> Union(IEnumerable<(int First, int Last)> ranges)
    {
        var result = new List<(int First, int Last)>();
        foreach (var (first, last) in ranges.Order())
        {
            if (result.Count > 0 && first <= result[^1].Last + 1)
            {
                result[^1] = (result[^1].First, Math.Max(result[^1].Last, last));
            }
            else
            {
                result.Add((first, last));
            }
        }

        return result;
    }

    public static List<(int First, int Last)> Complement(IEnumerable<(int First, int Last)> ranges)
    {
        var result = new List<(int First, int Last)>();
        var next = 0;
        foreach (var (first, last) in Union(ranges))
        {
            if (first > next)
            {
                result.Add((next, first - 1));
            }

            next = last + 1;
        }

        if (next <= Last)
        {
            result.Add((next, Last));
        }

        return result;
    }

    /// <summary>One character of the ranges within a JSON string: as it is, or escaped where it must be.</summary>
    public static GrammarNode ToJson(IReadOnlyList<(int First, int Last)> ranges)
    {
        var bare = Complement([.. Complement(ranges), (0, 0x1F), ('"', '"'), ('\\', '\\')]);
        var options = new List<GrammarNode>();
        if (bare.Count > 0)
        {
            options.Add(Utf8Class.Of(bare));
        }

        foreach (var (first, last) in ranges)
        {
            for (var c = first; c <= Math.Min(last, '\\'); c++)
            {
                if (c is < 0x20 or '"' or '\\')
                {
                    options.Add(GrammarNode.Literal(JsonLiteral.Escape((char)c)));
                }
            }
        }

        return options.Count == 1 ? options[0] : GrammarNode.AnyOf(options);
    }
}
