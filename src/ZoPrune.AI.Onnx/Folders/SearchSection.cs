using ZoPrune.AI.Onnx.Sampling;

namespace ZoPrune.AI.Onnx.Folders;

/// <summary>How a folder wants tokens to be chosen, with the defaults of its kind for what is absent.</summary>
internal sealed class SearchSection
{
    private SearchSection()
    {
    }

    /// <summary>Greedy decoding without any bound.</summary>
    public static SearchSection Greedy { get; } = new() { MaxLength = int.MaxValue, TopK = 1, Temperature = 1, RepetitionPenalty = 1 };

    /// <summary>The section <c>search</c> of <c>genai_config.json</c>.</summary>
    public static SearchSection ReadGenAI(JsonConfig section, int contextLength, string file)
    {
        if (section.Int("num_beams") is > 1 and var beams)
        {
            throw new NotSupportedException($"{file}: search.num_beams is {beams}; beam search is not supported, set it to 1.");
        }

        var max = section.Int("max_length") ?? 0;
        return new SearchSection
        {
            DoSample = section.Bool("do_sample") ?? false,
            MaxLength = max <= 0 ? contextLength : Math.Min(max, contextLength),
            MinLength = section.Int("min_length") ?? 0,
            TopK = section.Int("top_k") ?? 50,
            TopP = (float)(section.Number("top_p") ?? 0),
            Temperature = (float)(section.Number("temperature") ?? 1),
            RepetitionPenalty = (float)(section.Number("repetition_penalty") ?? 1),
            NoRepeatNgramSize = section.Int("no_repeat_ngram_size") ?? 0,
            ShareBuffer = section.Bool("past_present_share_buffer") ?? false,
            Seed = section.Int("random_seed") is { } seed and >= 0 ? seed : null,
        };
    }

    /// <summary><c>generation_config.json</c> of Hugging Face. Its lengths are bounds of one library's calls, not of the model.</summary>
    public static SearchSection ReadHuggingFace(JsonConfig generation, int contextLength, string file) => new()
    {
        File = file,
        DoSample = generation.Bool("do_sample") ?? false,
        MaxLength = contextLength,
        TopK = generation.Int("top_k") ?? 50,
        TopP = (float)(generation.Number("top_p") ?? 1),
        Temperature = (float)(generation.Number("temperature") ?? 1),
        RepetitionPenalty = (float)(generation.Number("repetition_penalty") ?? 1),
        NoRepeatNgramSize = generation.Int("no_repeat_ngram_size") ?? 0,
    };

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
            throw new ModelFolderException(File ?? file, "a setting of token generation is out of range: " + e.Message, e);
        }
    }

    /// <summary>The file that the settings stand in, where it is not the description itself.</summary>
    public string? File { get; private init; }

    public bool DoSample { get; private init; }

    public int MaxLength { get; private init; }

    public int MinLength { get; private init; }

    public int TopK { get; private init; }

    public float TopP { get; private init; }

    public float Temperature { get; private init; }

    public float RepetitionPenalty { get; private init; }

    public int NoRepeatNgramSize { get; private init; }

    public bool ShareBuffer { get; private init; }

    public int? Seed { get; private init; }
}
