using ZoPrune.AI.Onnx.Sampling;

namespace ZoPrune.AI.Onnx.Tests.Sampling;

public class SamplingDistributionTests
{
    // Softmax weights 8 : 4 : 2 : 1 : 1 at temperature 1.
    private static readonly float[] Logits =
        [MathF.Log(1), MathF.Log(8), MathF.Log(2), MathF.Log(4), MathF.Log(1)];

    /// <summary>
    /// Ids drawn by ONNX Runtime GenAI's own header src/sampling_distribution.h (development branch), compiled with g++ 12.2 (libstdc++)
    /// and run on computed logits, twelve draws from one generator. Few levels of logits mean many ties.
    /// </summary>
    [Theory]
    [InlineData(1000, 4096, 256f, 50, 0f, 1f, 1u, new[] { 510, 326, 951, 882, 729, 274, 259, 240, 920, 310, 742, 422 })]
    [InlineData(1000, 4096, 256f, 50, 0.9f, 0.7f, 2u, new[] { 190, 38, 865, 133, 247, 191, 434, 643, 475, 28, 77, 89 })]
    [InlineData(1000, 16, 1f, 50, 0f, 1f, 3u, new[] { 220, 585, 481, 167, 129, 325, 149, 787, 232, 664, 535, 483 })]
    [InlineData(1000, 16, 1f, 40, 0.8f, 2f, 4u, new[] { 539, 187, 7, 335, 323, 94, 364, 2, 616, 520, 148, 617 })]
    [InlineData(1000, 4096, 256f, 0, 0.9f, 1f, 5u, new[] { 760, 639, 605, 613, 161, 625, 434, 452, 2, 792, 866, 135 })]
    [InlineData(1000, 64, 4f, 0, 0.95f, 3f, 6u, new[] { 750, 430, 745, 346, 870, 432, 550, 311, 784, 150, 639, 30 })]
    [InlineData(50, 64, 4f, 0, 0.6f, 2f, 7u, new[] { 6, 31, 25, 0, 12, 17, 32, 0, 38, 26, 39, 22 })]
    [InlineData(50, 64, 4f, 100, 0f, 5f, 8u, new[] { 29, 43, 34, 36, 8, 41, 39, 13, 7, 24, 42, 9 })]
    [InlineData(10, 8, 1f, 0, 0.5f, 4f, 9u, new[] { 5, 3, 7, 3, 0, 9, 9, 2, 5, 0, 4, 5 })]
    [InlineData(1000, 64, 4f, 0, 0f, 1f, 10u, new[] { 385, 478, 74, 657, 596, 28, 337, 225, 29, 354, 726, 274 })]
    [InlineData(1000, 8, 1f, 0, 1f, 8f, 11u, new[] { 136, 176, 920, 517, 561, 366, 267, 68, 258, 961, 222, 48 })]
    [InlineData(
        40000, 1024, 64f, 64, 0.95f, 1.5f, 4294967295u,
        new[] { 6742, 11870, 21581, 19741, 1503, 13484, 31299, 5756, 38709, 8619, 4636, 29888 })]
    public void Seeded_draws_equal_those_of_GenAI(
        int vocabulary, int levels, float divisor, int topK, float topP, float temperature, uint seed, int[] expected)
    {
        var options = new SamplingOptions
        {
            DoSample = true, TopK = topK, TopP = topP, Temperature = temperature, Seed = unchecked((int)seed),
        };
        var sampler = new TokenSampler(options, []);
        var drawn = expected.Select((_, draw) => sampler.Next(ComputedLogits(vocabulary, draw, levels, divisor), [], 0));
        Assert.Equal(expected, drawn);
    }

    [Fact]
    public void Frequencies_follow_the_softmax() => AssertFrequencies(new() { TopK = 50 }, [1, 8, 2, 4, 1]);

    [Fact]
    public void Temperature_divides_the_logits() => AssertFrequencies(new() { Temperature = 0.5f }, [1, 64, 4, 16, 1]);

    [Fact]
    public void Top_k_keeps_the_k_likeliest() => AssertFrequencies(new() { TopK = 3 }, [0, 8, 2, 4, 0]);

    [Fact]
    public void Top_p_within_top_k_is_measured_against_the_k() =>
        AssertFrequencies(new() { TopK = 3, TopP = 0.58f }, [0, 8, 0, 4, 0]); // 8/14 = 0.571 is not enough.

    [Fact]
    public void Top_p_alone_is_measured_against_the_vocabulary() =>
        AssertFrequencies(new() { TopK = 0, TopP = 0.8f }, [0, 8, 2, 4, 0]); // 12/16 = 0.75 is not enough.

    [Fact]
    public void Top_p_of_zero_alone_keeps_one_token() => AssertFrequencies(new() { TopK = 0, TopP = 0 }, [0, 1, 0, 0, 0]);

    [Fact]
    public void Top_p_of_one_alone_keeps_all_tokens() => AssertFrequencies(new() { TopK = 0, TopP = 1 }, [1, 8, 2, 4, 1]);

    [Fact]
    public void Top_p_of_one_beside_top_k_is_off() => AssertFrequencies(new() { TopK = 4, TopP = 1 }, [1, 8, 2, 4, 0], tied: true);

    [Fact]
    public void Equal_seeds_draw_equal_tokens_and_other_seeds_others()
    {
        int[] Draw(int? seed)
        {
            var sampler = new TokenSampler(new SamplingOptions { DoSample = true, Seed = seed }, []);
            return [.. Enumerable.Range(0, 40).Select(_ => sampler.Next([.. Logits], [], 0))];
        }

        Assert.Equal(Draw(7), Draw(7));
        Assert.NotEqual(Draw(7), Draw(8));
        Assert.Equal(Draw(-1), Draw(-1));
        Assert.NotEqual(Draw(null), Draw(null));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(37)]
    [InlineData(400)]
    public void Partial_selection_equals_sorting(int count)
    {
        var random = new Random(count);
        for (var round = 0; round < 20; round++)
        {
            var logits = Enumerable.Range(0, 400 + round).Select(_ => random.NextSingle() - 0.5f).ToArray();
            var sorted = Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id]).Take(count).ToArray();
            var best = new int[count];
            PartialSort.SelectLargest(logits, best);
            Assert.Equal(sorted, best);

            var ids = Enumerable.Range(0, logits.Length).ToArray();
            PartialSort.Sort(ids, count, logits);
            Assert.Equal(sorted, ids[..count]);
            Assert.Equal(Enumerable.Range(0, logits.Length), ids.Order());
        }
    }

    /// <summary>
    /// Chi-square of 20,000 seeded draws; tokens of weight 0 never occur. With <paramref name="tied"/>, ids 0 and 4 are one.
    /// </summary>
    private static void AssertFrequencies(SamplingOptions options, double[] weights, bool tied = false)
    {
        const int draws = 20_000;
        var sampler = new TokenSampler(options with { DoSample = true, Seed = 20250127 }, []);
        var counts = new int[weights.Length];
        for (var i = 0; i < draws; i++)
        {
            counts[sampler.Next([.. Logits], [], 0)]++;
        }

        if (tied)
        {
            Assert.Equal(0, Math.Min(counts[0], counts[4]));
            counts[0] += counts[4];
            counts[4] = 0;
        }

        var total = weights.Sum();
        var distance = 0.0;
        for (var id = 0; id < weights.Length; id++)
        {
            var expected = draws * weights[id] / total;
            if (expected == 0)
            {
                Assert.Equal(0, counts[id]);
                continue;
            }

            distance += (counts[id] - expected) * (counts[id] - expected) / expected;
        }

        // 99.9 % point of chi-square with 4 degrees of freedom.
        Assert.InRange(distance, 0, 18.5);
    }

    private static float[] ComputedLogits(int vocabulary, int draw, int levels, float divisor)
    {
        var logits = new float[vocabulary];
        for (var i = 0; i < vocabulary; i++)
        {
            var hash = unchecked(((uint)(i + 1) * 2654435761u) + ((uint)draw * 40503u));
            hash ^= hash >> 15;
            hash = unchecked(hash * 2246822519u);
            hash ^= hash >> 13;
            logits[i] = ((int)(hash % (uint)levels) / divisor) - 8;
        }

        return logits;
    }
}
