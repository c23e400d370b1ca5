using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Generation;

/// <summary>The models of one service provider: clients with the same folder and the same engine options share one, whatever their lifetimes.</summary>
internal sealed class ModelPool(ILoggerFactory? loggerFactory) : IDisposable
{
    private readonly ConcurrentDictionary<(string Path, int? Threads, string? ProjectorInput), ModelSource> _sources = new();
    private readonly ILogger _logger = ZoPruneChatClient.CreateLogger(loggerFactory);

    public ModelSource Get(ZoPruneOptions options) => _sources.GetOrAdd(
        (Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.ModelPath!)), options.Threads, options.ProjectorInput),
        static (key, logger) => new ModelSource(
            key.Path, new VisionLanguageModelOptions { Threads = key.Threads, ProjectorInput = key.ProjectorInput }, logger),
        _logger);

    public void Dispose()
    {
        foreach (var source in _sources.Values)
        {
            source.Dispose();
        }
    }
}
