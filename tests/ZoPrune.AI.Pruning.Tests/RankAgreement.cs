namespace ZoPrune.AI.Pruning.Tests;

/// <summary>How alike two estimates rank the same tokens.</summary>
internal static class RankAgreement
{
    public static double Spearman(float[] a, float[] b)
    {
        var (x, y) = (Ranks(a), Ranks(b));
        var mean = (a.Length - 1) / 2.0;
        return x.Zip(y, (p, q) => (p - mean) * (q - mean)).Sum() / x.Sum(p => (p - mean) * (p - mean));

        static int[] Ranks(float[] values)
        {
            var ranks = new int[values.Length];
            foreach (var (rank, index) in values.Index().OrderBy(p => p.Item).Select((p, r) => (r, p.Index)))
            {
                ranks[index] = rank;
            }

            return ranks;
        }
    }
}
