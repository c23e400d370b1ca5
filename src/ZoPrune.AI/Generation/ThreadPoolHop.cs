using System.Runtime.CompilerServices;

namespace ZoPrune.AI.Generation;

/// <summary>
/// Takes an async method to a thread of the pool, whatever thread it is on: what follows the <see langword="await"/> runs there. Unlike a
/// task, it allocates nothing, however often it is awaited; only one method may await it at a time.
/// </summary>
internal sealed class ThreadPoolHop : ICriticalNotifyCompletion, IThreadPoolWorkItem
{
    private Action? _continuation;

    /// <summary>Whether this is a thread of the pool, and what follows an <see langword="await"/> would go to one, too.</summary>
    public static bool IsThere =>
        Thread.CurrentThread.IsThreadPoolThread && SynchronizationContext.Current is null && TaskScheduler.Current == TaskScheduler.Default;

    /// <summary>Always <see langword="false"/>: also a caller on a thread of the pool gets his thread back.</summary>
    public bool IsCompleted => false;

    public ThreadPoolHop GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => ThreadPool.QueueUserWorkItem(static run => run(), continuation, preferLocal: false);

    // Async methods bring their execution context along.
    public void UnsafeOnCompleted(Action continuation)
    {
        _continuation = continuation;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        // The next hop may begin before this one has returned.
        var continuation = _continuation!;
        _continuation = null;
        continuation();
    }
}
