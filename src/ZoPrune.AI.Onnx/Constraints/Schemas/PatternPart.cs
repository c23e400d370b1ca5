namespace ZoPrune.AI.Onnx.Constraints.Schemas;

/// <summary>A part of a regular expression.</summary>
/// <param name="Node">What it matches, as the inside of a JSON string.</param>
/// <param name="Min">The fewest characters.</param>
/// <param name="Max">The most characters; <see langword="null"/>: no limit.</param>
/// <param name="Positions">Its characters, each as often as it is counted: the states of a simple automaton for it.</param>
/// <param name="Readings">In how many of these states a text can be at once, at most, where it begins at one place.</param>
internal sealed record PatternPart(GrammarNode Node, int Min, int? Max, long Positions, long Readings)
{
    /// <summary>More than this is as good as this.</summary>
    private const long Many = 1_000_000_000;

    private const int MostCharacters = int.MaxValue / 2;
    private const int LargestJoinedCount = 100_000_000;

    /// <summary>What is repeated, if this is a repetition.</summary>
    private (PatternPart Item, int Min, int? Max)? Repeated { get; init; }

    /// <summary>One character.</summary>
    public static PatternPart Character(GrammarNode node) => new(node, 1, 1, 1, 1);

    public static PatternPart AnyOf(IReadOnlyList<PatternPart> options) => options.Count == 1
        ? options[0]
        : new PatternPart(
            GrammarNode.AnyOf(options.Select(p => p.Node)),
            options.Min(p => p.Min),
            options.Any(p => p.Max is null) ? null : options.Max(p => p.Max),
            Math.Min(Many, options.Sum(p => p.Positions)),
            Math.Min(Many, options.Sum(p => p.Readings)));

    public static PatternPart Sequence(IReadOnlyList<PatternPart> parts)
    {
        if (parts.Count == 1)
        {
            return parts[0];
        }

        // Parts that can be read at the same place of a text add up, each for all places where it can begin.
        var changes = new List<(int Place, long Change)>();
        var (min, max) = (0, (int?)0);
        foreach (var part in parts)
        {
            var begins = max is { } last ? last - min + 1L : Many;
            var readings = Math.Min(part.Positions, part.Readings * begins);
            changes.Add((min, readings));
            (min, max) = (Sum(min, part.Min), max is { } before && part.Max is { } most ? Sum(before, most) : null);
            if (max is { } end)
            {
                changes.Add((end, -readings));
            }
        }

        var (sum, largest) = (0L, 0L);
        foreach (var (_, change) in changes.Order())
        {
            sum += change;
            largest = Math.Max(largest, sum);
        }

        return new PatternPart(
            GrammarNode.Sequence(parts.Select(p => p.Node)),
            min,
            max,
            Math.Min(Many, parts.Sum(p => p.Positions)),
            Math.Min(Many, largest));
    }

    /// <summary>The part so many times.</summary>
    public PatternPart Repeat(int min, int? max)
    {
        if (Repeated is var (item, low, high) && Join(low, high, min, max) is var (from, to))
        {
            return item.Repeat(from, to);
        }

        var positions = Math.Min(Many, Positions * (max ?? Math.Max(1, min)));
        return new PatternPart(
            GrammarNode.Repeat(Node, min, max),
            Product(Min, min),
            max is { } most && Max is { } longest ? Product(longest, most) : Max == 0 ? 0 : null,
            positions,
            Min == Max ? Readings : positions)
        {
            Repeated = (this, min, max),
        };
    }

    /// <summary>A repetition of a repetition as one, if it leaves no gaps: of 1 to 3 twice to four times is 2 to 12.</summary>
    private static (int Min, int? Max)? Join(int low, int? high, int min, int? max)
    {
        if (high == 0 || max == 0)
        {
            return (0, 0);
        }

        // The step from the fewest times to once more is the one that could leave a gap.
        var isWhole = min == 0
            ? low <= 1
            : max == min || high is null || (min + 1L) * low <= ((long)min * high) + 1;
        var (from, to) = ((long)low * min, (long?)high * max);
        return isWhole && from <= LargestJoinedCount && (to is null || to <= LargestJoinedCount) ? ((int)from, (int?)to) : null;
    }

    private static int Sum(int x, int y) => Math.Min(MostCharacters, x + y);

    private static int Product(int x, int y) => (int)Math.Min(MostCharacters, (long)x * y);
}
