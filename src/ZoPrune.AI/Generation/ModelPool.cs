using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ZoPrune.AI.Caching;

namespace ZoPrune.AI.Generation;

/// <summary>
/// Keeps the models of one service provider open as long as it lives, whatever the lifetimes of its clients.
/// </summary>
internal sealed class ModelPool(ILoggerFactory? loggerFactory) : IDisposable
{
    private readonly ConcurrentDictionary<(ModelKey Model, CacheLimits Limits), ModelSource> _sources = new();
    private readonly ILogger _logger = ZoPruneChatClient.CreateLogger(loggerFactory);

    public ModelSource Get(ZoPruneOptions options) =>
        _sources.GetOrAdd(
            (ModelKey.Of(options), CacheLimits.Of(options)), static (key, logger) => new ModelSource(key.Model, key.Limits, logger), _logger);

    public void Dispose()
    {
        foreach (var source in _sources.Values)
        {
            source.Dispose();
        }
    }
}
