using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.OnnxRuntimeGenAI.Native;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Generation;

/// <summary>How a generator chooses tokens; fixed when it is made.</summary>
/// <param name="Sampling">The options; <see langword="null"/>: the likeliest token, without any rule beside, so that logits alone decide.</param>
internal sealed record GenAISearch(SamplingOptions? Sampling)
{
    /// <summary>What GenAI takes for no seed; below it means nothing either.</summary>
    private const int AnySeed = -1;

    /// <summary>
    /// What a caller's options become: none where GenAI lacks one of them. It has known n-grams only since 0.15, and bans them behind the
    /// logits, so that no token could be forced.
    /// </summary>
    public static GenAISearch Of(SamplingOptions? sampling) =>
        new(sampling is { FrequencyPenalty: 0, PresencePenalty: 0, NoRepeatNgramSize: 0, Seed: null or >= 0 } ? sampling : null);

    /// <summary>Whether a generator chooses as it would had it begun with this call: random numbers go on from call to call.</summary>
    public bool IsRepeatable => Sampling is { IsGreedy: true };

    /// <summary>Writes the settings into a generator's parameters, over those of the folder.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="maxLength">The length that the sequence may reach.</param>
    /// <param name="vocabulary">How many tokens there are: GenAI refuses to look at more.</param>
    public void Apply(GenAIGeneratorParams parameters, int maxLength, long vocabulary)
    {
        var sampling = Sampling ?? new SamplingOptions();
        parameters.Set("max_length", maxLength);
        parameters.Set("num_beams", 1);
        parameters.Set("num_return_sequences", 1);
        parameters.Set("batch_size", 1);
        parameters.Set("do_sample", !sampling.IsGreedy);
        parameters.Set("temperature", sampling.IsGreedy ? 1 : sampling.Temperature);
        parameters.Set("top_k", Math.Min(sampling.TopK, vocabulary));
        parameters.Set("top_p", sampling.TopP);
        parameters.Set("repetition_penalty", sampling.RepetitionPenalty);
        parameters.Set("no_repeat_ngram_size", 0);
        parameters.Set("min_length", sampling.MinLength);
        parameters.Set("random_seed", sampling.Seed ?? AnySeed);
    }
}
