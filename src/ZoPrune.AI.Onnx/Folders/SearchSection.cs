namespace ZoPrune.AI.Onnx.Folders;

/// <summary>The section <c>search</c> with GenAI's defaults for what is absent.</summary>
internal sealed class SearchSection
{
    public SearchSection(JsonConfig section, int contextLength)
    {
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
