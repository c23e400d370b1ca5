namespace ZoPrune.AI.Pruning;

/// <summary>
/// How many visual tokens one image may keep. All numbers are of the whole image and count tokens that are not structural; with
/// <see cref="PerCrop"/> the image's number is dealt out to its crops in equal parts.
/// </summary>
/// <remarks>
/// With neither <see cref="KeepRatio"/> nor <see cref="Count"/> all tokens are wanted, so that <see cref="Maximum"/> alone is a budget,
/// too. <see cref="Minimum"/> and <see cref="Maximum"/> hold for what the ratio or the count asks for; more than all is all.
/// </remarks>
public sealed record TokenBudget
{
    /// <summary>The share of tokens to keep, above 0 and up to 1; 1 keeps all. Rounded to a number of tokens, halves to even.</summary>
    public double? KeepRatio { get; init; }

    /// <summary>The number of tokens to keep, at least 1. Excludes <see cref="KeepRatio"/>.</summary>
    public int? Count { get; init; }

    /// <summary>The fewest tokens to keep, at least 0; 1 unless set, so that no ratio removes an image altogether.</summary>
    public int Minimum { get; init; } = 1;

    /// <summary>The most tokens to keep, at least 1 and <see cref="Minimum"/>; null for no limit.</summary>
    public int? Maximum { get; init; }

    /// <summary>
    /// Whether every crop (or frame) gets an equal quota and is selected by itself, as in the published code; else the tokens of all crops
    /// compete. What does not divide evenly goes to the first crops, what a crop is too short for to the others.
    /// </summary>
    public bool PerCrop { get; init; }

    /// <summary>How many of an image's tokens stay.</summary>
    /// <param name="tokens">Tokens that are not structural, zero or more.</param>
    /// <returns>From 0 to <paramref name="tokens"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="ArgumentException">Both a ratio and a count are set.</exception>
    public int Resolve(int tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        Validate();
        var wanted = KeepRatio is { } ratio
            ? (int)Math.Round(ratio * tokens, MidpointRounding.ToEven)
            : Count ?? tokens;
        return Math.Min(Math.Clamp(wanted, Minimum, Maximum ?? int.MaxValue), tokens);
    }

    /// <summary>How many tokens of each crop stay: <see cref="Resolve"/> of the sum, in equal parts.</summary>
    /// <param name="cropTokens">Tokens of each crop that are not structural.</param>
    /// <returns>One number per crop; they add up to <see cref="Resolve"/> of all tokens.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="ArgumentException">Both a ratio and a count are set.</exception>
    public int[] ResolveCrops(IReadOnlyList<int> cropTokens)
    {
        ArgumentNullException.ThrowIfNull(cropTokens);
        var left = Resolve(checked(cropTokens.Sum()));
        var quotas = new int[cropTokens.Count];
        while (left > 0)
        {
            // Ends: as long as something is left some crop has room, since the budget never exceeds the sum.
            var open = Enumerable.Range(0, quotas.Length).Where(crop => quotas[crop] < cropTokens[crop]).ToArray();
            var (share, extra) = Math.DivRem(left, open.Length);
            for (var k = 0; k < open.Length; k++)
            {
                var crop = open[k];
                var more = Math.Min(share + (k < extra ? 1 : 0), cropTokens[crop] - quotas[crop]);
                quotas[crop] += more;
                left -= more;
            }
        }

        return quotas;
    }

    internal void Validate()
    {
        if (KeepRatio is { } ratio && !(ratio is > 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(KeepRatio), ratio, "The share of tokens to keep must be above 0 and at most 1.");
        }

        if (Count < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(Count), Count, "The number of tokens to keep must be at least 1.");
        }

        if (Minimum < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(Minimum), Minimum, "The fewest tokens to keep must be at least 0.");
        }

        if (Maximum < 1 || Maximum < Minimum)
        {
            throw new ArgumentOutOfRangeException(
                nameof(Maximum), Maximum, $"The most tokens to keep must be at least 1 and at least the minimum, which is {Minimum}.");
        }

        if (KeepRatio is not null && Count is not null)
        {
            throw new ArgumentException($"A budget has either {nameof(KeepRatio)} or {nameof(Count)}, not both.");
        }
    }
}
