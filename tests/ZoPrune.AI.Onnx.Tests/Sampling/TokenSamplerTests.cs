using ZoPrune.AI.Onnx.Sampling;

namespace ZoPrune.AI.Onnx.Tests.Sampling;

public class TokenSamplerTests
{
    private static readonly SamplingOptions Greedy = new();

    [Fact]
    public void Greedy_takes_the_largest_logit()
    {
        Assert.Equal(3, Next(Greedy, [1, -2, 3, 3.5f, 3.4f]));
        Assert.Equal(0, Next(Greedy, [-1]));
        Assert.Equal(1, Next(Greedy, [float.NegativeInfinity, -5, float.MinValue]));
    }

    [Fact]
    public void The_lowest_id_wins_a_tie_wherever_it_lies()
    {
        foreach (var length in new[] { 2, 7, 8, 9, 16, 17, 31, 64, 65, 1000 })
        {
            for (var first = 0; first < length - 1; first += Math.Max(1, length / 13))
            {
                var logits = Enumerable.Repeat(-1f, length).ToArray();
                logits[first] = 2;
                logits[length - 1] = 2;
                Assert.Equal(first, Next(Greedy, logits));
            }
        }
    }

    [Fact]
    public void Negative_zero_ties_with_zero() => Assert.Equal(1, Next(Greedy, [-1, -0f, 0f, -0f]));

    [Theory]
    [InlineData(true, 1, 1f)]
    [InlineData(true, 50, 0f)]
    [InlineData(true, 50, 1e-40f)]
    [InlineData(false, 50, 1f)]
    public void These_options_are_greedy(bool doSample, int topK, float temperature)
    {
        var options = new SamplingOptions { DoSample = doSample, TopK = topK, Temperature = temperature, Seed = 1, TopP = 0.9f };
        var sampler = new TokenSampler(options, []);
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(2, sampler.Next([1, 1.9f, 2, 1.9f], [], 0));
        }
    }

    [Theory]
    [InlineData(float.NaN, "The logit of token 2 is NaN.")]
    [InlineData(float.PositiveInfinity, "The logit of token 2 is +infinity.")]
    public void Logits_that_are_no_numbers_are_errors(float value, string message)
    {
        foreach (var options in new[] { Greedy, new SamplingOptions { DoSample = true } })
        {
            var exception = Assert.Throws<NotFiniteNumberException>(() => Next(options, [1, 5, value, 0]));
            Assert.Equal(message, exception.Message);
        }
    }

    [Fact]
    public void Logits_that_leave_no_choice_are_errors() => Assert.Throws<NotFiniteNumberException>(
        () => Next(Greedy, [float.NegativeInfinity, float.NegativeInfinity]));

    [Fact]
    public void Arguments_are_checked()
    {
        Assert.Throws<ArgumentException>(() => Next(Greedy, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenSampler(Greedy, []).Next([1f], [0], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TokenSampler(Greedy, []).Next([1f], [0], -1));
        Assert.Throws<ArgumentNullException>(() => new TokenSampler(null!, []));
        Assert.Throws<ArgumentNullException>(() => new TokenSampler(Greedy, null!));
    }

    public static TheoryData<string, SamplingOptions> OutOfRange() => new()
    {
        { nameof(SamplingOptions.Temperature), new() { Temperature = -0.1f } },
        { nameof(SamplingOptions.Temperature), new() { Temperature = float.NaN } },
        { nameof(SamplingOptions.TopK), new() { TopK = -1 } },
        { nameof(SamplingOptions.TopP), new() { TopP = 1.01f } },
        { nameof(SamplingOptions.TopP), new() { TopP = float.NaN } },
        { nameof(SamplingOptions.RepetitionPenalty), new() { RepetitionPenalty = 0 } },
        { nameof(SamplingOptions.FrequencyPenalty), new() { FrequencyPenalty = float.PositiveInfinity } },
        { nameof(SamplingOptions.PresencePenalty), new() { PresencePenalty = float.NaN } },
        { nameof(SamplingOptions.NoRepeatNgramSize), new() { NoRepeatNgramSize = -2 } },
        { nameof(SamplingOptions.MinLength), new() { MinLength = -1 } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Options_out_of_range_are_named(string name, SamplingOptions options)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => new TokenSampler(options, []));
        Assert.Equal(name, exception.ParamName);
    }

    [Fact]
    public void Min_length_counts_the_prompt_and_bans_each_end()
    {
        var sampler = new TokenSampler(new SamplingOptions { MinLength = 3 }, [1, 2, -7, 99]);
        float[] Logits() => [0, 9, 8, 7];
        Assert.Equal(3, sampler.Next(Logits(), [5, 5], 2));
        Assert.Equal(3, sampler.Next(Logits(), [5, 5], 0));
        Assert.Equal(1, sampler.Next(Logits(), [5, 5, 5], 3));
        Assert.Equal(1, new TokenSampler(new SamplingOptions(), [1]).Next(Logits(), [], 0));
    }

    [Fact]
    public void Repetition_penalty_counts_each_token_of_the_whole_sequence_once()
    {
        float[] logits = [8, -8, 4, 2, 0];
        new TokenSampler(new SamplingOptions { RepetitionPenalty = 2 }, []).Next(logits, [0, 1, 0, 0, 4, -3, 77], 3);
        Assert.Equal([4, -16, 4, 2, 0], logits);

        // Again, with the same sampler and another sequence: nothing is left over.
        var sampler = new TokenSampler(new SamplingOptions { RepetitionPenalty = 4 }, []);
        sampler.Next(logits, [2], 1);
        sampler.Next(logits, [3], 1);
        Assert.Equal([4, -16, 1, 0.5f, 0], logits);
    }

    [Fact]
    public void Frequency_and_presence_penalties_count_generated_tokens_only()
    {
        float[] logits = [10, 10, 10, 10];
        var options = new SamplingOptions { FrequencyPenalty = 0.5f, PresencePenalty = 2 };
        var sampler = new TokenSampler(options, []);
        Assert.Equal(0, sampler.Next(logits, [0, 0, 1, 2, 2, 2, -1, 9], 2));
        Assert.Equal([10, 7.5f, 6.5f, 10], logits);
        sampler.Next(logits, [0, 3], 1);
        Assert.Equal([10, 7.5f, 6.5f, 7.5f], logits);
    }

    [Fact]
    public void The_repetition_penalty_comes_before_the_others()
    {
        // 6 / 2 - 4 = -1; the other order would give (6 - 4) / 2 = 1.
        float[] logits = [0, 6];
        var options = new SamplingOptions { RepetitionPenalty = 2, PresencePenalty = 4 };
        Assert.Equal(0, new TokenSampler(options, []).Next(logits, [1], 0));
        Assert.Equal(-1, logits[1]);
    }

    [Fact]
    public void Min_length_comes_before_the_repetition_penalty()
    {
        // The banned logit, the lowest float, is multiplied: minus infinity. The other order would leave the lowest float.
        float[] logits = [0, 6];
        var options = new SamplingOptions { RepetitionPenalty = 2, MinLength = 5 };
        Assert.Equal(0, new TokenSampler(options, [1]).Next(logits, [1], 0));
        Assert.Equal(float.NegativeInfinity, logits[1]);
    }

    [Theory]
    [InlineData(1, new[] { 3, 1, 3 }, new[] { 1, 3 })]
    [InlineData(2, new[] { 1, 2, 1, 3, 1 }, new[] { 2, 3 })]
    [InlineData(2, new[] { 1, 1 }, new[] { 1 })]
    [InlineData(3, new[] { 1, 2, 3, 1, 2, 0, 1, 2 }, new[] { 0, 3 })]
    [InlineData(3, new[] { 2, 2, 2 }, new[] { 2 })]
    [InlineData(3, new[] { 1, 2 }, new int[0])]
    [InlineData(4, new[] { 1, 2, 3, 1, 2 }, new int[0])]
    [InlineData(2, new[] { -1, 4, -1, -5, -1 }, new[] { 4 })]
    public void Ngrams_do_not_repeat(int size, int[] sequence, int[] banned)
    {
        var logits = new float[5];
        new TokenSampler(new SamplingOptions { NoRepeatNgramSize = size }, []).Next(logits, sequence, sequence.Length);
        Assert.Equal(Enumerable.Range(0, 5).Select(id => banned.Contains(id) ? float.MinValue : 0f), logits);
    }

    [Fact]
    public void Greedy_allocates_nothing_once_it_runs()
    {
        var options = new SamplingOptions
        {
            RepetitionPenalty = 1.1f, NoRepeatNgramSize = 3, FrequencyPenalty = 0.1f, PresencePenalty = 0.1f, MinLength = 9,
        };
        var sampler = new TokenSampler(options, [1]);
        var logits = new float[5000];
        int[] sequence = [1, 2, 3, 4, 1, 2, 3];
        sampler.Next(logits, sequence, 2);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            sampler.Next(logits, sequence, 2);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static int Next(SamplingOptions options, float[] logits) => new TokenSampler(options, []).Next(logits, [], 0);
}
