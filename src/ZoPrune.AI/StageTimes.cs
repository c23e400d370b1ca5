namespace ZoPrune.AI;

/// <summary>Where the time of a call went. Times of images are sums over all images of the call.</summary>
/// <remarks>
/// Images are in work at the same time (<see cref="ImageOptions.MaxConcurrency"/>): the sums may be more than what the call took. Waiting for
/// the vision graph while it runs over another image of the call counts nowhere.
/// </remarks>
public sealed record StageTimes
{
    /// <summary>Images: their bytes were read, from memory, an address or a file.</summary>
    public TimeSpan ImageRead { get; init; }

    /// <summary>Images: they were decoded.</summary>
    public TimeSpan ImageDecode { get; init; }

    /// <summary>Images: they were resized and normalised.</summary>
    public TimeSpan ImagePreprocess { get; init; }

    /// <summary>Images: the vision graph ran.</summary>
    public TimeSpan Vision { get; init; }

    /// <summary>Images: sensitivities were estimated.</summary>
    public TimeSpan Sensitivity { get; init; }

    /// <summary>Images: the tokens that stay were selected.</summary>
    public TimeSpan Selection { get; init; }

    /// <summary>The language model read the prompt.</summary>
    public TimeSpan Prefill { get; init; }

    /// <summary>
    /// From the start of the call to its first token, the loading of the model included where this call had to wait for it.
    /// </summary>
    public TimeSpan FirstToken { get; init; }

    /// <summary>From the end of the prefill to the last token; a slow reader of the stream counts.</summary>
    public TimeSpan Decode { get; init; }
}
