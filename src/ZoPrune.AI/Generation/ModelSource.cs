using Microsoft.Extensions.Logging;
using ZoPrune.AI.Caching;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Generation;

/// <summary>
/// One client's or provider's use of a model: begins when it is first needed, ends when it is disposed of and the last call has left it.
/// </summary>
/// <remarks>Loading runs on the thread pool, once for all that wait for it. A failure is not kept: the next call tries again.</remarks>
internal sealed class ModelSource : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ModelKey _key;
    private readonly CacheLimits _limits;
    private readonly ILogger _logger;
    private Task<LoadedModel>? _loading;
    private int _leases;
    private int _isMissingEstimatorAnnounced;
    private int _isNoPrefixReuseAnnounced;
    private int _isOversizedAnnounced;
    private bool _isDisposed;

    public ModelSource(ModelKey key, CacheLimits limits, ILogger logger)
    {
        ModelId = Path.GetFileName(key.Path);
        _key = key;
        _limits = limits;
        _logger = logger;
    }

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

    internal bool AnnounceMissingEstimator() => Interlocked.Exchange(ref _isMissingEstimatorAnnounced, 1) == 0;

    internal bool AnnounceNoPrefixReuse() => Interlocked.Exchange(ref _isNoPrefixReuseAnnounced, 1) == 0;

    internal bool AnnounceOversized() => Interlocked.Exchange(ref _isOversizedAnnounced, 1) == 0;

    /// <summary>Adds a user beside one that has a lease.</summary>
    internal void Retain()
    {
        lock (_gate)
        {
            _leases++;
        }
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
                _loading = Task.Run(() => ModelRegistry.EnterAsync(_key, _limits, _logger));
            }

            return _loading;
        }
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
            static t => ModelRegistry.Leave(t.Result),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }
}
