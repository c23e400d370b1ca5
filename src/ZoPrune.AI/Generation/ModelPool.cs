using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ZoPrune.AI.Generation;

/// <summary>
/// The models of one service provider: clients with the same folder and the same engine options share one, whatever their lifetimes.
/// </summary>
internal sealed class ModelPool(ILoggerFactory? loggerFactory) : IDisposable
{
    private readonly ConcurrentDictionary<ModelKey, ModelSource> _sources = new();
    private readonly ILogger _logger = ZoPruneChatClient.CreateLogger(loggerFactory);

    public ModelSource Get(ZoPruneOptions options) =>
        _sources.GetOrAdd(ModelKey.Of(options), static (key, logger) => key.CreateSource(logger), _logger);

    public void Dispose()
    {
        foreach (var source in _sources.Values)
        {
            source.Dispose();
        }
    }
}
