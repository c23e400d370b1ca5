using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Tests.Support;

/// <summary>Clients and short questions for tests.</summary>
internal static class Clients
{
    private static int s_freshCaches;

    /// <summary>
    /// What feeds the last matrix product of the bundled model's projector: named as projector input, it leaves one bare affine map.
    /// </summary>
    public const string BareAffineMap = "/projector/Mul_1_output_0";

    /// <summary>The zoo's folder of type gemma3: random weights, one linear projector behind a normalisation.</summary>
    public static string Gemma3Folder => TestData.PathTo("zoo", "genai", "gemma3");

    public static ZoPruneChatClient Create(Action<ZoPruneOptions>? configure = null, ILoggerFactory? loggerFactory = null)
    {
        var options = new ZoPruneOptions { ModelPath = PocketVlm.ModelPath };
        configure?.Invoke(options);
        return ZoPruneChatClient.Create(options, loggerFactory);
    }

    /// <summary>Caches of its own, whatever other tests have shown to the same model: only clients with the same bounds share them.</summary>
    public static void WithFreshCaches(ZoPruneOptions options) =>
        options.Caching.VisionFeatureBytes += Interlocked.Increment(ref s_freshCaches);

    /// <summary>Keeps nothing between calls.</summary>
    public static void WithoutCaches(ZoPruneOptions options) =>
        options.Caching = new CachingOptions { VisionFeatureBytes = 0, KeyValueBytes = 0 };

    public static ChatOptions Unpruned() => new ChatOptions().WithPruning(p => p.KeepRatio = 1);

    public static async Task<List<ChatResponseUpdate>> CollectAsync(IAsyncEnumerable<ChatResponseUpdate> updates)
    {
        var list = new List<ChatResponseUpdate>();
        await foreach (var update in updates)
        {
            list.Add(update);
        }

        return list;
    }
}
