using ZoPrune.AI.Configuration;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Caching;

/// <summary>
/// Pictures that were seen before, by the hash of their bytes: bounded by bytes, the one that was not used for longest goes first. A
/// picture that several calls bring at once is worked on once. Thread-safe.
/// </summary>
internal sealed class VisionCache(long maxBytes)
{
    private readonly Lock _gate = new();
    private readonly RecentlyUsed<ImageKey, CachedImage> _images = new(maxBytes, image => image.Bytes);
    private readonly Dictionary<(ImageKey, PruningSettings), ImageFlight> _flights = [];

    public bool IsEnabled => maxBytes > 0;

    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _images.Size;
            }
        }
    }

    public long Evictions
    {
        get
        {
            lock (_gate)
            {
                return _images.Evictions;
            }
        }
    }

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _images.Count;
            }
        }
    }

    /// <summary>
    /// Gives the selection of a picture: known, made by another call at this moment, or made now.
    /// </summary>
    /// <param name="key">The picture.</param>
    /// <param name="settings">What decides on the selection.</param>
    /// <param name="work">Makes it; what is known of the picture already is handed over. Other calls may wait for it.</param>
    /// <param name="retain">Keeps open what the work needs, until it is disposed of: the work may outlive this call.</param>
    /// <param name="cancellationToken">Stops waiting; the work goes on as long as another call waits for it.</param>
    public async Task<(CachedImage Image, PruningResult Result)> GetAsync(
        ImageKey key,
        PruningSettings settings,
        Func<CachedImage?, CancellationToken, Task<(CachedImage Image, PruningResult Result)>> work,
        Func<IDisposable> retain,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CachedImage? known;
        ImageFlight? flight;
        bool isOwner;
        lock (_gate)
        {
            if (_images.TryGet(key, out known) && known.Selections.TryGetValue(settings, out var result))
            {
                return (known, result);
            }

            isOwner = !_flights.TryGetValue((key, settings), out flight);
            if (flight is null)
            {
                _flights[(key, settings)] = flight = new ImageFlight();
            }
            else
            {
                flight.Waiters++;
            }
        }

        if (isOwner)
        {
            TakeOff(flight, (key, settings), known, work, retain);
        }

        try
        {
            return await flight.Completion.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (Leave(flight, (key, settings)))
            {
                // Nothing native runs on when a call has ended.
                await ((Task)flight.Completion.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            throw;
        }
        catch (Exception) when (!isOwner)
        {
            // An error names the image as the other call knows it, and its limits may be other ones: this call finds out for itself.
            var made = await work(known, cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                Add(made.Image);
            }

            return made;
        }
    }

    /// <summary>Forgets all pictures.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _images.Clear();
        }
    }

    private void TakeOff(
        ImageFlight flight,
        (ImageKey Image, PruningSettings Settings) key,
        CachedImage? known,
        Func<CachedImage?, CancellationToken, Task<(CachedImage Image, PruningResult Result)>> work,
        Func<IDisposable> retain)
    {
        try
        {
            // On this thread: what the work needs is open as long as this call is here.
            var retained = retain();
            _ = Task.Run(() => FlyAsync(flight, key, known, work, retained), CancellationToken.None);
        }
        catch (Exception e)
        {
            Fail(flight, key, e);
        }
    }

    /// <returns>Whether nobody waits any more.</returns>
    private bool Leave(ImageFlight flight, (ImageKey, PruningSettings) key)
    {
        lock (_gate)
        {
            if (--flight.Waiters > 0)
            {
                return false;
            }

            // Who comes now must not wait for what is about to be cancelled.
            Land(flight, key);
        }

        flight.Cancel();
        return true;
    }

    private async Task FlyAsync(
        ImageFlight flight,
        (ImageKey Image, PruningSettings Settings) key,
        CachedImage? known,
        Func<CachedImage?, CancellationToken, Task<(CachedImage Image, PruningResult Result)>> work,
        IDisposable retained)
    {
        try
        {
            using var _ = retained;
            var made = await work(known, flight.Token).ConfigureAwait(false);
            lock (_gate)
            {
                Add(made.Image);
                Land(flight, key);
            }

            flight.Completion.SetResult(made);
        }
        catch (Exception e)
        {
            Fail(flight, key, e);
        }
    }

    private void Fail(ImageFlight flight, (ImageKey, PruningSettings) key, Exception exception)
    {
        lock (_gate)
        {
            Land(flight, key);
        }

        flight.Completion.SetException(exception);
    }

    private void Land(ImageFlight flight, (ImageKey, PruningSettings) key)
    {
        if (_flights.TryGetValue(key, out var current) && ReferenceEquals(current, flight))
        {
            _flights.Remove(key);
        }
    }

    /// <summary>Keeps what is known of a picture, with what other calls have learnt of it meanwhile. Needs the lock.</summary>
    private void Add(CachedImage image) =>
        _images.Set(image.Key, _images.TryGet(image.Key, out var other) ? image.MergedWith(other) : image);
}
