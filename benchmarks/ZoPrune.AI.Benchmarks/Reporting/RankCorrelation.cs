namespace ZoPrune.AI.Benchmarks.Reporting;

/// <summary>Spearman's correlation.</summary>
internal static class RankCorrelation
{
    /// <summary>How alike two lists rank their places: 1 for the same order, -1 for the opposite one. Equal values share a rank.</summary>
    /// <exception cref="ArgumentException">The lists differ in length, or have fewer than two values.</exception>
    public static double Spearman(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length || a.Length < 2)
        {
            throw new ArgumentException($"Lists of {a.Length} and {b.Length} values cannot be compared.", nameof(b));
        }

        var (x, y) = (Ranks(a), Ranks(b));
        var mean = (a.Length - 1) / 2.0;
        double product = 0, squaresX = 0, squaresY = 0;
        for (var i = 0; i < x.Length; i++)
        {
            product += (x[i] - mean) * (y[i] - mean);
            squaresX += (x[i] - mean) * (x[i] - mean);
            squaresY += (y[i] - mean) * (y[i] - mean);
        }

        return product / Math.Sqrt(squaresX * squaresY);
    }

    private static double[] Ranks(ReadOnlySpan<float> values)
    {
        var sorted = values.ToArray();
        var places = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort(sorted, places);
        var ranks = new double[values.Length];
        for (var start = 0; start < sorted.Length;)
        {
            var end = start;
            while (end < sorted.Length && sorted[end].Equals(sorted[start]))
            {
                end++;
            }

            for (var i = start; i < end; i++)
            {
                ranks[places[i]] = (start + end - 1) / 2.0;
            }

            start = end;
        }

        return ranks;
    }
}
