using System.Buffers;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Sampling;

/// <summary>
/// Chooses the next token from logits, with ONNX Runtime GenAI's order of steps. One sampler serves one answer, on one thread.
/// </summary>
/// <remarks>
/// <para>
/// The steps: end-of-sequence ids are banned below the minimum length; the repetition penalty; our own frequency and presence
/// penalties; n-grams that would repeat are banned; then the likeliest token is taken (the lowest id of equals), or one is drawn by
/// temperature, top-k and top-p.
/// </para>
/// <para>
/// Drawing uses MT19937 and libstdc++'s rule, one draw a token, also on platforms with other C++ libraries. The tokens are those that GenAI
/// draws on Linux on its CPU provider, given the same logits: checked against its own sampling header compiled with g++ 12, not against
/// whole recorded runs.
/// </para>
/// </remarks>
public sealed class TokenSampler
{
    private readonly SamplingOptions _options;
    private readonly int[] _eosTokenIds;
    private readonly MersenneTwister? _random;
    private int[] _counts = [];

    /// <summary>Creates a sampler.</summary>
    /// <param name="options">The options.</param>
    /// <param name="eosTokenIds">The ids that end a sequence, for <see cref="SamplingOptions.MinLength"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public TokenSampler(SamplingOptions options, IReadOnlyList<int> eosTokenIds)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(eosTokenIds);
        options.Validate();
        _options = options;
        _eosTokenIds = [.. eosTokenIds];
        if (!options.IsGreedy)
        {
            _random = new MersenneTwister(unchecked((uint)(options.Seed ?? RandomNumberGenerator.GetInt32(int.MaxValue))));
        }
    }

    /// <summary>The options that it was made with.</summary>
    internal SamplingOptions Options => _options;

    /// <summary>Chooses the token that follows a sequence.</summary>
    /// <param name="logits">The logits of the whole vocabulary; changed in place.</param>
    /// <param name="sequence">All ids so far: the prompt, image placeholders included, then the generated tokens.</param>
    /// <param name="promptLength">How many of them are the prompt.</param>
    /// <returns>The chosen id.</returns>
    /// <exception cref="ArgumentException">There are no logits.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The prompt is longer than the sequence.</exception>
    /// <exception cref="NotFiniteNumberException">
    /// A logit is NaN or +infinity, or all are -infinity: the model's output is broken.
    /// </exception>
    public int Next(Span<float> logits, ReadOnlySpan<int> sequence, int promptLength) =>
        Next(logits, sequence, promptLength, constraint: null, remainingTokens: int.MaxValue);

    /// <summary>Chooses the token that follows a sequence among those that a constraint allows.</summary>
    /// <remarks>The constraint comes behind all penalties: a token that it allows wins over any that it does not.</remarks>
    /// <param name="logits">The logits of the whole vocabulary; changed in place.</param>
    /// <param name="sequence">All ids so far: the prompt, image placeholders included, then the generated tokens.</param>
    /// <param name="promptLength">How many of them are the prompt.</param>
    /// <param name="constraint">
    /// The constraint, or <c>null</c>. It is asked, not told: the caller passes the chosen token to
    /// <see cref="TokenConstraint.Accept"/>.
    /// </param>
    /// <param name="remainingTokens">How many tokens the answer may still have, this one included.</param>
    /// <returns>The chosen id.</returns>
    /// <exception cref="ArgumentException">There are no logits.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The prompt is longer than the sequence, or the tokens do not suffice for the constraint.
    /// </exception>
    /// <exception cref="NotFiniteNumberException">
    /// A logit is NaN or +infinity, or all are -infinity: the model's output is broken.
    /// </exception>
    public int Next(
        Span<float> logits, ReadOnlySpan<int> sequence, int promptLength, TokenConstraint? constraint, int remainingTokens)
    {
        if (logits.IsEmpty)
        {
            throw new ArgumentException("There are no logits.", nameof(logits));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(promptLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(promptLength, sequence.Length);
        ThrowIfNaN(logits);
        ApplyPenalties(logits, sequence, promptLength);
        constraint?.Apply(logits, remainingTokens);
        var best = IndexOfFirstMaximum(logits);
        return _random is null ? best : Draw(logits, logits[best], _random, isConstrained: constraint is not null);
    }

    private static void ThrowIfNaN(ReadOnlySpan<float> logits)
    {
        var largest = TensorPrimitives.Max(logits);
        if (float.IsFinite(largest))
        {
            return;
        }

        if (float.IsNegativeInfinity(largest))
        {
            throw new NotFiniteNumberException("All logits are -infinity: there is no token to choose.", largest);
        }

        var id = 0;
        while (!float.IsNaN(logits[id]) && !float.IsPositiveInfinity(logits[id]))
        {
            id++;
        }

        throw new NotFiniteNumberException($"The logit of token {id} is {(float.IsNaN(logits[id]) ? "NaN" : "+infinity")}.", logits[id]);
    }

    private static int IndexOfFirstMaximum(ReadOnlySpan<float> logits)
    {
        var best = TensorPrimitives.IndexOfMax(logits);
        if (logits[best] != 0)
        {
            return best;
        }

        // IndexOfMax holds +0 for larger than -0; for us they are a tie.
        for (var id = 0; id < best; id++)
        {
            if (logits[id] == 0)
            {
                return id;
            }
        }

        return best;
    }

    private void ApplyPenalties(Span<float> logits, ReadOnlySpan<int> sequence, int promptLength)
    {
        if (sequence.Length < _options.MinLength)
        {
            LogitPenalties.Ban(logits, _eosTokenIds);
        }

        if (_options.RepetitionPenalty != 1)
        {
            LogitPenalties.ApplyRepetition(logits, sequence, _options.RepetitionPenalty, Counts(logits.Length));
        }

        if (_options.FrequencyPenalty != 0 || _options.PresencePenalty != 0)
        {
            LogitPenalties.ApplyFrequencyAndPresence(
                logits, sequence[promptLength..], _options.FrequencyPenalty, _options.PresencePenalty, Counts(logits.Length));
        }

        if (_options.NoRepeatNgramSize > 0)
        {
            LogitPenalties.BanRepeatedNgrams(logits, sequence, _options.NoRepeatNgramSize);
        }
    }

    private Span<int> Counts(int vocabulary)
    {
        if (_counts.Length < vocabulary)
        {
            _counts = new int[vocabulary];
        }

        return _counts.AsSpan(0, vocabulary);
    }

    private int Draw(ReadOnlySpan<float> logits, float largest, MersenneTwister random, bool isConstrained)
    {
        var isTopK = _options.TopK > 1;
        var rentedIds = ArrayPool<int>.Shared.Rent(isTopK ? Math.Min(_options.TopK, logits.Length) : logits.Length);
        var inverseTemperature = 1f / _options.Temperature;
        float[]? rentedWeights = null;
        try
        {
            int count;
            if (isTopK)
            {
                count = Math.Min(_options.TopK, logits.Length);
                PartialSort.SelectLargest(logits, rentedIds.AsSpan(0, count));
            }
            else
            {
                count = Nucleus.Find(logits, rentedIds.AsSpan(0, logits.Length), _options.TopP, largest, inverseTemperature);
            }

            // Drawing may end at the last of them by rounding, whatever its weight.
            while (isConstrained && float.IsNegativeInfinity(logits[rentedIds[count - 1]]))
            {
                count--;
            }

            rentedWeights = ArrayPool<float>.Shared.Rent(count);
            var weights = rentedWeights.AsSpan(0, count);
            var sum = 0f;
            for (var i = 0; i < count; i++)
            {
                weights[i] = MathF.Exp((logits[rentedIds[i]] - largest) * inverseTemperature);
                sum += weights[i];
            }

            if (isTopK)
            {
                (count, sum) = CutWithinTopK(weights, sum);
                weights = weights[..count];
            }

            var inverseSum = 1f / sum;
            foreach (ref var weight in weights)
            {
                weight *= inverseSum;
            }

            return rentedIds[DiscreteDistribution.Draw(weights, random)];
        }
        finally
        {
            ArrayPool<int>.Shared.Return(rentedIds);
            if (rentedWeights is not null)
            {
                ArrayPool<float>.Shared.Return(rentedWeights);
            }
        }
    }

    /// <summary>Normalises the k weights, then keeps the shortest start that reaches top-p.</summary>
    /// <returns>How many are kept, and their sum.</returns>
    private (int Count, float Sum) CutWithinTopK(Span<float> weights, float sum)
    {
        var hasTopP = _options.TopP is > 0 and < 1;
        var kept = 0f;
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] /= sum;
        }

        for (var i = 0; i < weights.Length; i++)
        {
            kept += weights[i];
            if (hasTopP && kept >= _options.TopP)
            {
                return (i + 1, kept);
            }
        }

        return (weights.Length, kept);
    }
}
