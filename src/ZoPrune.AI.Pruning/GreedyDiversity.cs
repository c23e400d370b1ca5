namespace ZoPrune.AI.Pruning;

/// <summary>
/// The greedy rule behind SADS and DivPrune: after a first pick, always the row with the largest weight times its distance to the
/// nearest row picked so far; ties go to the lower index. <see cref="GreedySearch"/> does it.
/// </summary>
internal static class GreedyDiversity
{
    /// <summary>Picks <paramref name="count"/> rows.</summary>
    /// <param name="geometry">The rows.</param>
    /// <param name="weights">One non-negative weight per row, or empty for ones.</param>
    /// <param name="first">The first pick.</param>
    /// <param name="count">How many, from 1 to all.</param>
    public static int[] Pick(CosineGeometry geometry, ReadOnlySpan<double> weights, int first, int count)
    {
        using var search = new GreedySearch(geometry, weights, first, count);
        return search.Run();
    }

    /// <summary>The row with the largest distance to its nearest other row; the lower index on a tie, 0 for a single row.</summary>
    public static int MostIsolated(CosineGeometry geometry)
    {
        var (best, distance) = (0, double.NegativeInfinity);
        for (var i = 0; i < geometry.Count; i++)
        {
            var nearest = double.PositiveInfinity;
            for (var j = 0; j < geometry.Count && nearest > distance; j++)
            {
                if (j != i)
                {
                    nearest = Math.Min(nearest, geometry.Distance(i, j));
                }
            }

            if (nearest > distance)
            {
                (best, distance) = (i, nearest);
            }
        }

        return best;
    }
}
