namespace ZoPrune.AI;

/// <summary>
/// Names of what a <see cref="ZoPruneChatClient"/> measures and traces: one activity source and one meter, both called
/// <see cref="SourceName"/>.
/// </summary>
/// <remarks>
/// A call is one activity (<see cref="CallActivity"/>) with one activity a stage below it, named by the stage; those
/// of several images overlap in time (<see cref="ImageOptions.MaxConcurrency"/>). No name, tag or value holds
/// what users wrote, showed or were told.
/// </remarks>
public static class ZoPruneTelemetry
{
    /// <summary>The activity source and the meter: <c>ZoPrune.AI</c>.</summary>
    public const string SourceName = "ZoPrune.AI";

    /// <summary>Activity of a whole call, parent of its stages.</summary>
    public const string CallActivity = "generate";

    /// <summary>Stage: the bytes of one image are read (from memory, an address or a file).</summary>
    public const string ReadStage = "image.read";

    /// <summary>Stage: one image is decoded.</summary>
    public const string DecodeImageStage = "image.decode";

    /// <summary>Stage: one image is resized and normalised into pixel tensors.</summary>
    public const string PreprocessStage = "image.preprocess";

    /// <summary>Stage: the vision graph runs on one image.</summary>
    public const string VisionStage = "vision";

    /// <summary>Stage: the visual tokens of one image are pruned (sensitivity and selection).</summary>
    public const string PruneStage = "prune";

    /// <summary>Stage: the language model reads the prompt.</summary>
    public const string PrefillStage = "prefill";

    /// <summary>Stage: the answer is generated, token by token.</summary>
    public const string DecodeStage = "decode";

    /// <summary>Histogram, seconds: the duration of a stage, by <see cref="StageTag"/> and <see cref="ModelTag"/>.</summary>
    public const string StageDuration = "zoprune.stage.duration";

    /// <summary>Counter, tokens: visual tokens before pruning, by <see cref="ModelTag"/>.</summary>
    public const string VisualTokens = "zoprune.visual_tokens";

    /// <summary>Counter, tokens: visual tokens that stayed, by <see cref="ModelTag"/>.</summary>
    public const string VisualTokensKept = "zoprune.visual_tokens.kept";

    /// <summary>Counter, images: what was known of them already (neither decoded nor encoded), by <see cref="ModelTag"/>.</summary>
    public const string VisionCacheHits = "zoprune.vision_cache.hits";

    /// <summary>Counter, images: those that were decoded and encoded, by <see cref="ModelTag"/>.</summary>
    public const string VisionCacheMisses = "zoprune.vision_cache.misses";

    /// <summary>
    /// Counter, tokens: tokens of prompts that were not computed, because an earlier sequence began with them, by <see cref="ModelTag"/>.
    /// </summary>
    public const string CachedPromptTokens = "zoprune.cached_prompt_tokens";

    /// <summary>Up-down counter, bytes: what the caches of the process hold, by <see cref="CacheTag"/> and <see cref="ModelTag"/>.</summary>
    public const string CacheBytes = "zoprune.cache.size";

    /// <summary>Up-down counter: images or conversations in the caches, by <see cref="CacheTag"/> and <see cref="ModelTag"/>.</summary>
    public const string CacheEntries = "zoprune.cache.entries";

    /// <summary>Counter: what had to go from the caches to make room, by <see cref="CacheTag"/> and <see cref="ModelTag"/>.</summary>
    public const string CacheEvictions = "zoprune.cache.evictions";

    /// <summary>
    /// Tag of the measurements of a cache: <c>vision</c> (visual tokens of images) or <c>key_value</c> (keys and values of conversations).
    /// </summary>
    public const string CacheTag = "zoprune.cache";

    /// <summary>
    /// Tag of <see cref="PrefillStage"/> and <see cref="CallActivity"/>: the tokens of the prompt that were not computed, because an
    /// earlier sequence began with them.
    /// </summary>
    public const string CachedPromptTokensTag = "zoprune.cached_prompt_tokens";

    /// <summary>Tag: the model's id.</summary>
    public const string ModelTag = "zoprune.model";

    /// <summary>Tag of <see cref="StageDuration"/>: the stage's name.</summary>
    public const string StageTag = "zoprune.stage";

    /// <summary>Tag of a stage of an image: the image's number in the request, from 0.</summary>
    public const string ImageTag = "zoprune.image";

    /// <summary>Tag of <see cref="PrefillStage"/> and <see cref="CallActivity"/>: the tokens of the prompt.</summary>
    public const string PromptTokensTag = "zoprune.prompt_tokens";

    /// <summary>Tag of <see cref="DecodeStage"/> and <see cref="CallActivity"/>: the tokens of the answer.</summary>
    public const string OutputTokensTag = "zoprune.output_tokens";
}
