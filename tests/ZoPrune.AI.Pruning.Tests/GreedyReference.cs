namespace ZoPrune.AI.Pruning.Tests;

/// <summary>
/// The greedy rules a second time, slowly and in double, with the full matrix of distances. It scores every row for any history of
/// picks, so that a test can tell which picks were certain and whether a differing pick was as good as the expected one.
/// </summary>
internal sealed class GreedyReference
{
    private readonly double[][] _unit;
    private readonly double[] _first;
    private readonly double[]? _weights;
    private readonly int[] _class;

    private GreedyReference(double[][] unit, double[] first, double[]? weights, TokenMatrix embeddings, double[]? sensitivity)
    {
        (_unit, _first, _weights) = (unit, first, weights);
        _class = [.. Enumerable.Range(0, embeddings.Rows).Select(i => Enumerable.Range(0, embeddings.Rows).First(j =>
            embeddings.Row(i).SequenceEqual(embeddings.Row(j))
            && (sensitivity is null || Math.Abs(sensitivity[i] - sensitivity[j]) <= 1e-7 * sensitivity[i])))];
    }

    public int Rows => _first.Length;

    public static GreedyReference Sads(TokenMatrix embeddings, double[]? sensitivity, bool centred = false)
    {
        var weights = Enumerable.Repeat(1.0, embeddings.Rows).ToArray();
        if (sensitivity is not null)
        {
            var (min, max) = (sensitivity.Min(), sensitivity.Max());
            weights = [.. sensitivity.Select(s => (s - min) / (max - min + 1e-8))];
        }

        return new GreedyReference(Unit(embeddings, centred), weights, weights, embeddings, sensitivity);
    }

    public static GreedyReference DivPrune(TokenMatrix embeddings)
    {
        var unit = Unit(embeddings, centred: false);
        double[] first = [.. Enumerable.Range(0, unit.Length).Select(i =>
            Enumerable.Range(0, unit.Length).Where(j => j != i).Min(j => Distance(unit[i], unit[j])))];
        return new GreedyReference(unit, first, null, embeddings, null);
    }

    public static GreedyReference Top(TokenMatrix embeddings, double[] sensitivity) =>
        new([], sensitivity, null, embeddings, sensitivity);

    /// <summary>Rows that no rule can tell apart have the same class, which is the lowest of them.</summary>
    public int ClassOf(int row) => _class[row];

    /// <summary>The scores of all rows before each of the picks; minus infinity for those picked already.</summary>
    public IEnumerable<(int Pick, double[] Scores)> Walk(int[] picks)
    {
        var scores = _first.ToArray();
        var nearest = Enumerable.Repeat(double.PositiveInfinity, Rows).ToArray();
        var taken = new HashSet<int>();
        foreach (var pick in picks)
        {
            yield return (pick, scores.ToArray());
            taken.Add(pick);
            for (var i = 0; i < Rows; i++)
            {
                if (_unit.Length > 0)
                {
                    nearest[i] = Math.Min(nearest[i], Distance(_unit[i], _unit[pick]));
                    scores[i] = nearest[i] * (_weights?[i] ?? 1);
                }

                scores[i] = taken.Contains(i) ? double.NegativeInfinity : scores[i];
            }
        }
    }

    /// <summary>
    /// By how much a pick leads the best row of another class. A tie in exact arithmetic that goes to the lowest row (all-equal
    /// sensitivities) is as certain as can be: positive infinity.
    /// </summary>
    public double Lead(int pick, double[] scores)
    {
        var others = Enumerable.Range(0, Rows).Where(i => _class[i] != _class[pick]).ToArray();
        var rival = others.Length == 0 ? double.NegativeInfinity : others.Max(i => scores[i]);
        return rival == scores[pick] && others.Where(i => scores[i] == rival).Min() > pick
            ? double.PositiveInfinity
            : scores[pick] - rival;
    }

    private static double[][] Unit(TokenMatrix rows, bool centred)
    {
        var mean = new double[rows.Width];
        for (var i = 0; centred && i < rows.Rows; i++)
        {
            for (var k = 0; k < mean.Length; k++)
            {
                mean[k] += rows.Row(i)[k] / (double)rows.Rows;
            }
        }

        var unit = new double[rows.Rows][];
        for (var i = 0; i < unit.Length; i++)
        {
            double[] row = [.. rows.Row(i).ToArray().Select((x, k) => x - mean[k])];
            var length = Math.Max(Math.Sqrt(row.Sum(x => x * x)), 1e-12);
            unit[i] = [.. row.Select(x => x / length)];
        }

        return unit;
    }

    private static double Distance(double[] a, double[] b)
    {
        var sum = 0.0;
        for (var k = 0; k < a.Length; k++)
        {
            sum += a[k] * b[k];
        }

        return 1 - sum;
    }
}
