namespace ZoPrune.AI.Onnx.Sampling;

/// <summary>Top-p over the whole vocabulary, as ONNX Runtime GenAI finds it.</summary>
/// <remarks>
/// Candidates are sorted progressively (16, 64, 256, ...). What is not sorted yet is bounded by the last sorted probability, so the list
/// can hold a few tokens more than the exact nucleus; up to 64 tokens of vocabulary the exact rule is used.
/// </remarks>
internal static class Nucleus
{
    private const int FirstCandidates = 16;
    private const int Growth = 4;

    /// <summary>Finds the nucleus.</summary>
    /// <param name="logits">The logits; no NaN.</param>
    /// <param name="ids">As long as the logits; receives token ids, of which the returned number is sorted, largest logit first.</param>
    /// <param name="topP">The wanted probability, in [0, 1].</param>
    /// <param name="largest">The largest logit.</param>
    /// <param name="inverseTemperature">One over the temperature.</param>
    /// <returns>The number of tokens in the nucleus, at least 1.</returns>
    public static int Find(ReadOnlySpan<float> logits, Span<int> ids, float topP, float largest, float inverseTemperature)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = i;
        }

        var vocabulary = logits.Length;
        if (vocabulary <= FirstCandidates * Growth)
        {
            var first = Math.Min(FirstCandidates, vocabulary);
            PartialSort.Sort(ids, first, logits);
            PartialSort.Sort(ids[first..], vocabulary - first, logits);
            return FindExactly(logits, ids, topP, largest, inverseTemperature);
        }

        var sorted = 0;
        var wanted = FirstCandidates;
        var sum = 0f;
        while (true)
        {
            PartialSort.Sort(ids[sorted..], wanted - sorted, logits);
            var count = wanted;
            for (var i = sorted; i < wanted; i++)
            {
                var weight = MathF.Exp((logits[ids[i]] - largest) * inverseTemperature);
                sum += weight;
                var rest = (vocabulary - i - 1) * weight;
                if (sum >= topP * (sum + rest))
                {
                    count = i + 1;
                    break;
                }
            }

            // A list that ends exactly with the sorted part is extended once more, as in GenAI.
            if (count < wanted || wanted == vocabulary)
            {
                return count;
            }

            sorted = wanted;
            wanted = (int)Math.Min((long)wanted * Growth, vocabulary);
        }
    }

    private static int FindExactly(ReadOnlySpan<float> logits, Span<int> ids, float topP, float largest, float inverseTemperature)
    {
        var total = 0f;
        foreach (var id in ids)
        {
            total += MathF.Exp((logits[id] - largest) * inverseTemperature);
        }

        var sum = 0f;
        for (var i = 0; i < ids.Length; i++)
        {
            sum += MathF.Exp((logits[ids[i]] - largest) * inverseTemperature);
            if (sum >= topP * total)
            {
                return i + 1;
            }
        }

        return ids.Length;
    }
}
