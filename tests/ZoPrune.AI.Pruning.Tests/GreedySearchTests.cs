namespace ZoPrune.AI.Pruning.Tests;

public class GreedySearchTests
{
    /// <summary>Rows, width, what the rows are like, in which space.</summary>
    public static TheoryData<int, int, string, CosineSpace> Kinds { get; } = Enumerate();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Picks_are_those_of_a_plain_update_in_double(int rows, int width, string kind, CosineSpace space)
    {
        var geometry = new CosineGeometry(Create(rows, width, kind), space);
        var random = new Random(5);
        double[][] weights =
        [
            [],
            [.. Enumerable.Range(0, rows).Select(_ => random.NextDouble())],
            [.. Enumerable.Range(0, rows).Select(i => i % 3 / 2.0)],
        ];
        foreach (var weight in weights)
        {
            Assert.Equal(Plain(geometry, weight, 1, rows - 3), GreedyDiversity.Pick(geometry, weight, 1, rows - 3));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Distances_in_float32_keep_their_bound(int rows, int width, string kind, CosineSpace space)
    {
        var geometry = new CosineGeometry(Create(rows, width, kind), space);
        using var unit = geometry.ToUnitRows();
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < i; j++)
            {
                Assert.InRange(unit.Distance(i, j) - geometry.Distance(i, j), -unit.Error, unit.Error);
            }
        }
    }

    private static TheoryData<int, int, string, CosineSpace> Enumerate()
    {
        var kinds = new TheoryData<int, int, string, CosineSpace>();
        foreach (var kind in new[] { "random", "integers", "near duplicates", "far from zero", "equal", "tiny", "huge" })
        {
            foreach (var space in Enum.GetValues<CosineSpace>())
            {
                kinds.Add(40, 3, kind, space);
                kinds.Add(150, 100, kind, space);
                kinds.Add(150, 128, kind, space);
                kinds.Add(60, 1100, kind, space);
            }
        }

        return kinds;
    }

    private static int[] Plain(CosineGeometry geometry, double[] weights, int first, int count)
    {
        List<int> picks = [first];
        var nearest = Enumerable.Repeat(double.PositiveInfinity, geometry.Count).ToArray();
        while (picks.Count < count)
        {
            var best = -1;
            var highest = double.NegativeInfinity;
            for (var i = 0; i < nearest.Length; i++)
            {
                nearest[i] = Math.Min(nearest[i], geometry.Distance(i, picks[^1]));
                var score = weights.Length == 0 ? nearest[i] : weights[i] * nearest[i];
                if (!picks.Contains(i) && score > highest)
                {
                    (best, highest) = (i, score);
                }
            }

            picks.Add(best);
        }

        return [.. picks];
    }

    private static TokenMatrix Create(int rows, int width, string kind)
    {
        var values = Sample.Gaussian(rows * width, rows + width);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = kind switch
            {
                "integers" => MathF.Round(values[i]),
                "near duplicates" => values[i % (4 * width)] * (1 + (1e-6f * values[i])),
                "far from zero" => 1000 + values[i],
                "equal" => 0.7f,
                "tiny" => values[i] * 1e-11f,
                "huge" => values[i] * 1e37f,
                _ => values[i],
            };
        }

        return new TokenMatrix(values, rows, width);
    }
}
