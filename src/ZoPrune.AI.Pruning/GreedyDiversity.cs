namespace ZoPrune.AI.Pruning;

/// <summary>
/// The greedy rule behind SADS and DivPrune: after a first pick, always the row with the largest weight times its distance to the
/// nearest row picked so far; ties go to the lower index.
/// </summary>
/// <remarks>
/// Scores only fall as picks are added. So a row whose old score does not beat the best one found cannot win, and its distances to the
/// latest picks wait until they are needed: the same picks as with a full update, for a fraction of the products.
/// </remarks>
internal static class GreedyDiversity
{
    /// <summary>Picks <paramref name="count"/> rows.</summary>
    /// <param name="geometry">The rows.</param>
    /// <param name="weights">One non-negative weight per row, or empty for ones.</param>
    /// <param name="first">The first pick.</param>
    /// <param name="count">How many, from 1 to all.</param>
    public static int[] Pick(CosineGeometry geometry, ReadOnlySpan<double> weights, int first, int count)
    {
        var picks = new int[count];
        var nearest = new double[geometry.Count];
        var score = new double[geometry.Count];
        var seen = new int[geometry.Count];
        nearest.AsSpan().Fill(double.PositiveInfinity);
        score.AsSpan().Fill(double.PositiveInfinity);
        Take(first, 0);
        for (var n = 1; n < count; n++)
        {
            // The row that led so far probably still does; then it silences most of the others.
            var best = -1;
            for (var i = 0; i < score.Length; i++)
            {
                if (seen[i] >= 0 && (best < 0 || score[i] > score[best]))
                {
                    best = i;
                }
            }

            while (seen[best] < n)
            {
                Update(best, weights);
            }

            for (var i = 0; i < score.Length; i++)
            {
                while (Beats(i, best) && seen[i] < n)
                {
                    Update(i, weights);
                }

                best = Beats(i, best) ? i : best;
            }

            Take(best, n);
        }

        return picks;

        bool Beats(int i, int best) => seen[i] >= 0 && (score[i] > score[best] || (score[i] == score[best] && i < best));

        void Update(int i, ReadOnlySpan<double> weights)
        {
            nearest[i] = Math.Min(nearest[i], geometry.Distance(i, picks[seen[i]++]));
            score[i] = weights.IsEmpty ? nearest[i] : weights[i] * nearest[i];
        }

        void Take(int i, int n)
        {
            picks[n] = i;
            seen[i] = -1;
        }
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
