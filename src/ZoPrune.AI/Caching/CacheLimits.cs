namespace ZoPrune.AI.Caching;

/// <summary>The bounds of a model's caches. Clients with other bounds have caches of their own beside the same model.</summary>
internal sealed record CacheLimits(long VisionFeatureBytes, long KeyValueBytes)
{
    public static CacheLimits Of(ZoPruneOptions options) => new(options.Caching.VisionFeatureBytes, options.Caching.KeyValueBytes);
}
