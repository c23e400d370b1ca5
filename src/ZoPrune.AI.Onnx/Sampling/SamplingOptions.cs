namespace ZoPrune.AI.Onnx.Sampling;

/// <summary>How the next token is chosen. Names, meaning and defaults are those of ONNX Runtime GenAI's <c>search</c> section.</summary>
public sealed record SamplingOptions
{
    /// <summary>False (the default) takes the likeliest token. So do <see cref="TopK"/> = 1 and <see cref="Temperature"/> = 0.</summary>
    public bool DoSample { get; init; }

    /// <summary>Divides the logits before the softmax: at least 0, finite. Default 1.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>
    /// Tokens that can be drawn: the k with the largest logits. Default 50; more than the vocabulary has means all of them. 0 leaves the
    /// choice to <see cref="TopP"/> alone.
    /// </summary>
    public int TopK { get; init; } = 50;

    /// <summary>
    /// Tokens that can be drawn: the shortest list of likeliest tokens with at least this probability together, in [0, 1]. Default 0.
    /// 0 and 1 switch it off beside a <see cref="TopK"/> above 1; with <see cref="TopK"/> = 0 they mean one token and (nearly) all tokens.
    /// </summary>
    public float TopP { get; init; }

    /// <summary>The start of the random numbers; null takes one from the operating system.</summary>
    public int? Seed { get; init; }

    /// <summary>
    /// For each token in the sequence, prompt and image placeholders included: negative logits are multiplied, others divided by this.
    /// Above 0, finite; 1 (the default) switches it off.
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>
    /// Subtracted from a token's logit once for each time it was generated; the prompt does not count. Finite; default 0. GenAI has no such
    /// option; the meaning is that of the OpenAI API.
    /// </summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>
    /// Subtracted from the logit of each token that was generated at least once; the prompt does not count. Finite; default 0. GenAI has no
    /// such option; the meaning is that of the OpenAI API.
    /// </summary>
    public float PresencePenalty { get; init; }

    /// <summary>
    /// No run of so many tokens occurs twice in the sequence, prompt included. At least 0; 0 (the default) switches it off.
    /// </summary>
    public int NoRepeatNgramSize { get; init; }

    /// <summary>No end of sequence before the sequence, prompt included, has so many tokens. At least 0; default 0.</summary>
    public int MinLength { get; init; }

    /// <summary>True when these options choose the likeliest token.</summary>
    internal bool IsGreedy => !DoSample || TopK == 1 || float.IsInfinity(1f / Temperature);

    /// <summary>Throws when an option is out of its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the exception names it.</exception>
    public void Validate()
    {
        Check(float.IsFinite(Temperature) && Temperature >= 0, nameof(Temperature), Temperature, "must be finite and at least 0");
        Check(TopK >= 0, nameof(TopK), TopK, "must be at least 0");
        Check(TopP is >= 0 and <= 1, nameof(TopP), TopP, "must lie between 0 and 1");
        Check(
            float.IsFinite(RepetitionPenalty) && RepetitionPenalty > 0, nameof(RepetitionPenalty), RepetitionPenalty,
            "must be finite and above 0");
        Check(float.IsFinite(FrequencyPenalty), nameof(FrequencyPenalty), FrequencyPenalty, "must be finite");
        Check(float.IsFinite(PresencePenalty), nameof(PresencePenalty), PresencePenalty, "must be finite");
        Check(NoRepeatNgramSize >= 0, nameof(NoRepeatNgramSize), NoRepeatNgramSize, "must be at least 0");
        Check(MinLength >= 0, nameof(MinLength), MinLength, "must be at least 0");
    }

    private static void Check(bool isInRange, string name, object value, string rule)
    {
        if (!isInRange)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} {rule}.");
        }
    }
}
