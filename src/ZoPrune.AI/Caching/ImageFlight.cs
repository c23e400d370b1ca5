using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Caching;

/// <summary>A picture that is being worked on, for all calls that wait for it. The cache's lock guards the number of waiters.</summary>
/// <param name="cancellation">Ends the work. It has no timer and no handle, so nothing is to be disposed of.</param>
internal sealed class ImageFlight(CancellationTokenSource cancellation)
{
    /// <summary>Calls that wait.</summary>
    public int Waiters { get; set; } = 1;

    /// <summary>What comes of it.</summary>
    public TaskCompletionSource<(CachedImage Image, PruningResult Result)> Completion { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends the work when nobody waits any more.</summary>
    public CancellationToken Token => cancellation.Token;

    public void Cancel() => cancellation.Cancel();
}
