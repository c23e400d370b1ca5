using ZoPrune.AI.Onnx.Sampling;

namespace ZoPrune.AI.Onnx.Folders;

/// <summary>The section <c>search</c> with GenAI's defaults for what is absent.</summary>
internal sealed class SearchSection
{
    public SearchSection(JsonConfig section, int contextLength, string file)
    {
        if (section.Int("num_beams") is > 1 and var beams)
        {
            throw new NotSupportedException($"{file}: search.num_beams is {beams}; beam search is not supported, set it to 1.");
        }

        DoSample = section.Bool("do_sample") ?? false;
        var max = section.Int("max_length") ?? 0;
        MaxLength = max <= 0 ? contextLength : Math.Min(max, contextLength);
        MinLength = section.Int("min_length") ?? 0;
        TopK = section.Int("top_k") ?? 50;
        TopP = (float)(section.Number("top_p") ?? 0);
        Temperature = (float)(section.Number("temperature") ?? 1);
        RepetitionPenalty = (float)(section.Number("repetition_penalty") ?? 1);
        NoRepeatNgramSize = section.Int("no_repeat_ngram_size") ?? 0;
        ShareBuffer = section.Bool("past_present_share_buffer") ?? false;
        Seed = section.Int("random_seed") is { } seed and >= 0 ? seed : null;
    }

    /// <summary>The sampling options that these settings make.</summary>
    /// <exception cref="ModelFolderException">A value is out of range.</exception>
    public SamplingOptions ToSampling(string file)
    {
        var options = new SamplingOptions
        {
            DoSample = DoSample,
            Temperature = Temperature,
            TopK = TopK,
            TopP = TopP,
            Seed = Seed,
            RepetitionPenalty = RepetitionPenalty,
            NoRepeatNgramSize = NoRepeatNgramSize,
            MinLength = MinLength,
        };
        try
        {
            options.Validate();
            return options;
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new ModelFolderException(file, "a value in 'search' is out of range: " + e.Message, e);
        }
    }

    public bool DoSample { get; }

    public int MaxLength { get; }

    public int MinLength { get; }

    public int TopK { get; }

    public float TopP { get; }

    public float Temperature { get; }

    public float RepetitionPenalty { get; }

    public int NoRepeatNgramSize { get; }

    public bool ShareBuffer { get; }

    public int? Seed { get; }
}
