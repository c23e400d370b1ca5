namespace ZoPrune.AI.Generation;

/// <summary>Work on numbered things, a bounded number of them at once; what comes of it is taken in the order of their numbers.</summary>
internal static class Lookahead
{
    /// <summary>
    /// Begins the work in order, never on more than <paramref name="width"/> things beyond those that were taken. When it returns or throws,
    /// none of the works that it began is under way.
    /// </summary>
    /// <remarks>
    /// With one thing, or a width of 1, everything is done where the caller is: no thread changes. Otherwise the works run on the thread
    /// pool. The error is that of the first thing that fails in the order of numbers, whichever fails first in time: those before it are
    /// waited for, those behind it are cancelled.
    /// </remarks>
    /// <param name="count">How many things there are.</param>
    /// <param name="width">The most that are worked on at once, at least 1.</param>
    /// <param name="work">Works on the thing of a number.</param>
    /// <param name="take">Takes what came of it. Called in the order of numbers, one at a time.</param>
    /// <param name="cancellationToken">Cancels all of it.</param>
    public static async Task RunAsync<T>(
        int count, int width, Func<int, CancellationToken, Task<T>> work, Action<int, T> take, CancellationToken cancellationToken)
    {
        if (count <= 1 || width == 1)
        {
            for (var i = 0; i < count; i++)
            {
                take(i, await work(i, cancellationToken).ConfigureAwait(false));
            }

            return;
        }

        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var token = cancellation.Token;
        var underWay = new Queue<Task<T>>();
        try
        {
            for (var taken = 0; taken < count; taken++)
            {
                // Behind one that has failed already nothing more is begun: nobody would see it.
                while (taken + underWay.Count < count && underWay.Count < width && !underWay.Any(t => t.IsFaulted || t.IsCanceled))
                {
                    var number = taken + underWay.Count;
                    underWay.Enqueue(Task.Run(() => work(number, token), CancellationToken.None));
                }

                var made = await underWay.Peek().ConfigureAwait(false);
                _ = underWay.Dequeue();
                take(taken, made);
            }
        }
        catch
        {
            await cancellation.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(underWay)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }
}
