using Microsoft.Extensions.Logging;
using ZoPrune.AI.Diagnostics;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Generation;

/// <summary>A model that is loaded when it is first needed, and closed when it is disposed of and the last call has left it.</summary>
/// <remarks>Loading runs on the thread pool, once for all that wait for it. A failure is not kept: the next call tries again.</remarks>
internal sealed class ModelSource : IDisposable
{
    private readonly Lock _gate = new();
    private readonly VisionLanguageModelOptions _options;
    private readonly ILogger _logger;
    private Task<LoadedModel>? _loading;
    private int _leases;
    private bool _isDisposed;

    public ModelSource(string path, VisionLanguageModelOptions options, ILogger logger)
    {
        FolderPath = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        ModelId = Path.GetFileName(FolderPath);
        _options = options;
        _logger = logger;
    }

    /// <summary>The folder, as a full path.</summary>
    public string FolderPath { get; }

    /// <summary>The model's id: the name of its folder.</summary>
    public string ModelId { get; }

    /// <summary>Loads the model if need be, and keeps it open until the lease is given back.</summary>
    /// <exception cref="ObjectDisposedException">The source is disposed of.</exception>
    /// <exception cref="ModelFolderException">The folder cannot be used.</exception>
    public async ValueTask<ModelLease> AcquireAsync(CancellationToken cancellationToken)
    {
        var loading = Enter();
        try
        {
            return new ModelLease(this, await loading.WaitAsync(cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            Leave();
            throw;
        }
    }

    /// <summary>The model, loaded on the spot if it is not yet. It stays open only as long as this source.</summary>
    public VisionLanguageModel Load()
    {
        var loading = Enter();
        try
        {
            return loading.GetAwaiter().GetResult().Model;
        }
        finally
        {
            Leave();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        CloseIfUnused();
    }

    internal void Leave()
    {
        lock (_gate)
        {
            _leases--;
        }

        CloseIfUnused();
    }

    private Task<LoadedModel> Enter()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(ZoPruneChatClient));
            _leases++;
            if (_loading is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _loading = Task.Run(LoadModel);
            }

            return _loading;
        }
    }

    private LoadedModel LoadModel()
    {
        var start = TimeProvider.System.GetTimestamp();
        var model = VisionLanguageModel.Load(FolderPath, _options);
        Log.ModelLoaded(_logger, model.ModelId, TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
        return new LoadedModel(model, new EstimatorCache((method, options) => model.CreateEstimator(method, options)));
    }

    private void CloseIfUnused()
    {
        Task<LoadedModel>? loading;
        lock (_gate)
        {
            if (!_isDisposed || _leases > 0)
            {
                return;
            }

            (loading, _loading) = (_loading, null);
        }

        // A load that is still under way (its callers were cancelled) is closed when it is through.
        loading?.ContinueWith(
            static t => t.Result.Model.Dispose(),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}
