using System.Diagnostics.CodeAnalysis;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Caching;

/// <summary>A picture that is being worked on, for all calls that wait for it. The cache's lock guards the number of waiters.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The source has no timer and no handle: there is nothing to dispose of.")]
internal sealed class ImageFlight
{
    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>Calls that wait.</summary>
    public int Waiters { get; set; } = 1;

    /// <summary>What comes of it.</summary>
    public TaskCompletionSource<(CachedImage Image, PruningResult Result)> Completion { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends the work when nobody waits any more.</summary>
    public CancellationToken Token => _cancellation.Token;

    public void Cancel() => _cancellation.Cancel();
}
