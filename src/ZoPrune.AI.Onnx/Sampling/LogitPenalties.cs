namespace ZoPrune.AI.Onnx.Sampling;

/// <summary>
/// The changes to the logits before a token is chosen. Ids outside the vocabulary (placeholders of some families) are passed over.
/// </summary>
internal static class LogitPenalties
{
    /// <summary>What GenAI writes over logits of tokens that must not be chosen.</summary>
    public const float Banned = float.MinValue;

    /// <summary>Bans each of the tokens.</summary>
    public static void Ban(Span<float> logits, ReadOnlySpan<int> tokenIds)
    {
        foreach (var id in tokenIds)
        {
            if ((uint)id < (uint)logits.Length)
            {
                logits[id] = Banned;
            }
        }
    }

    /// <summary>Each distinct token of the sequence: negative logits times the penalty, others divided by it.</summary>
    /// <param name="logits">Changed in place.</param>
    /// <param name="sequence">Prompt and generated tokens.</param>
    /// <param name="penalty">The penalty.</param>
    /// <param name="counts">As long as the logits and all zero, before and after.</param>
    public static void ApplyRepetition(Span<float> logits, ReadOnlySpan<int> sequence, float penalty, Span<int> counts)
    {
        foreach (var id in sequence)
        {
            if ((uint)id < (uint)logits.Length && counts[id] == 0)
            {
                counts[id] = 1;
                logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
            }
        }

        Clear(sequence, counts);
    }

    /// <summary>Subtracts count x frequency penalty + presence penalty for each generated token.</summary>
    /// <param name="logits">Changed in place.</param>
    /// <param name="generated">The generated tokens only.</param>
    /// <param name="frequencyPenalty">For each occurrence.</param>
    /// <param name="presencePenalty">For the first occurrence.</param>
    /// <param name="counts">As long as the logits and all zero, before and after.</param>
    public static void ApplyFrequencyAndPresence(
        Span<float> logits, ReadOnlySpan<int> generated, float frequencyPenalty, float presencePenalty, Span<int> counts)
    {
        foreach (var id in generated)
        {
            if ((uint)id < (uint)logits.Length)
            {
                counts[id]++;
            }
        }

        foreach (var id in generated)
        {
            if ((uint)id < (uint)logits.Length && counts[id] > 0)
            {
                logits[id] -= (counts[id] * frequencyPenalty) + presencePenalty;
                counts[id] = 0;
            }
        }
    }

    /// <summary>Bans what followed each earlier occurrence of the last <paramref name="size"/> - 1 tokens.</summary>
    public static void BanRepeatedNgrams(Span<float> logits, ReadOnlySpan<int> sequence, int size)
    {
        if (sequence.Length < size)
        {
            return;
        }

        var last = sequence[^(size - 1)..];
        for (var start = 0; start <= sequence.Length - size; start++)
        {
            if (sequence.Slice(start, size - 1).SequenceEqual(last))
            {
                Ban(logits, sequence.Slice(start + size - 1, 1));
            }
        }
    }

    private static void Clear(ReadOnlySpan<int> sequence, Span<int> counts)
    {
        foreach (var id in sequence)
        {
            if ((uint)id < (uint)counts.Length)
            {
                counts[id] = 0;
            }
        }
    }
}
