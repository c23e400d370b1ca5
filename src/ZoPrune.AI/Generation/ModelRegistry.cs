using Microsoft.Extensions.Logging;
using ZoPrune.AI.Caching;
using ZoPrune.AI.Diagnostics;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Generation;

/// <summary>The open models of this process, each closed when its last user leaves.</summary>
/// <remarks>
/// Static, because what makes clients share a model is that they run in one process: they need not know of each other. The key has a stamp
/// of the folder's files, so that a folder that was replaced is opened anew.
/// </remarks>
internal static class ModelRegistry
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<(ModelKey, string Stamp), SharedModel> Models = [];
    private static readonly CacheMetrics Metrics = new();

    /// <summary>Opens a model, or joins those who have it open.</summary>
    /// <exception cref="ModelFolderException">The folder cannot be used.</exception>
    public static async Task<LoadedModel> EnterAsync(ModelKey key, CacheLimits limits, ILogger logger)
    {
        var stamped = (key, FolderStamp.Of(key.Path));
        SharedModel? shared;
        lock (Gate)
        {
            // A failure is for those who waited for it; who comes now tries again.
            if (!Models.TryGetValue(stamped, out shared) || shared.Loading.IsFaulted)
            {
                Models[stamped] = shared = new SharedModel(stamped, Task.Run(() => Load(key, limits, logger)));
            }

            shared.Users++;
        }

        try
        {
            await shared.Loading.ConfigureAwait(false);
            lock (Gate)
            {
                var loaded = shared.Enter(limits);
                Metrics.Add(loaded.Caches);
                return loaded;
            }
        }
        catch
        {
            Release(shared);
            throw;
        }
    }

    /// <summary>Gives up what <see cref="EnterAsync"/> gave; nothing of it may be in use any more.</summary>
    public static void Leave(LoadedModel loaded)
    {
        ModelCaches? freed;
        lock (Gate)
        {
            freed = loaded.Shared.Leave(loaded.Limits);
        }

        if (freed is not null)
        {
            Metrics.Remove(freed);
            freed.Dispose();
        }

        Release(loaded.Shared);
    }

    private static void Release(SharedModel shared)
    {
        lock (Gate)
        {
            if (--shared.Users > 0)
            {
                return;
            }

            if (Models.TryGetValue(shared.Key, out var current) && ReferenceEquals(current, shared))
            {
                Models.Remove(shared.Key);
            }
        }

        if (shared.Loading.IsCompletedSuccessfully)
        {
            shared.Loading.Result.Dispose();
        }
    }

    private static VisionLanguageModel Load(ModelKey key, CacheLimits limits, ILogger logger)
    {
        var start = TimeProvider.System.GetTimestamp();
        var model = VisionLanguageModel.Load(key.Path, key.ToModelOptions());
        try
        {
            if (limits.KeyValueBytes > 0)
            {
                // Runs the decoder for the first time, over a few tokens: better here than in somebody's call.
                _ = model.NoPrefixReuseReason;
            }
        }
        catch
        {
            model.Dispose();
            throw;
        }

        Log.ModelLoaded(logger, model.ModelId, TimeProvider.System.GetElapsedTime(start).TotalMilliseconds, model.LanguageModelDescription);
        return model;
    }
}
