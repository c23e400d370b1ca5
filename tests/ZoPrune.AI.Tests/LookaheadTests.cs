using ZoPrune.AI.Generation;

namespace ZoPrune.AI.Tests;

public sealed class LookaheadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 4)]
    [InlineData(1, 4)]
    [InlineData(50, 1)]
    [InlineData(50, 2)]
    [InlineData(50, 7)]
    [InlineData(50, int.MaxValue)]
    public async Task Things_are_taken_in_order_and_no_more_are_in_work_than_allowed(int count, int width)
    {
        var (inWork, most, taken) = (0, 0, new List<int>());
        var gate = new Lock();
        await Lookahead.RunAsync(
            count,
            width,
            async (i, _) =>
            {
                lock (gate)
                {
                    most = Math.Max(most, ++inWork);
                }

                // Later ones are through earlier.
                for (var turn = i; turn < count; turn++)
                {
                    await Task.Yield();
                }

                return i * i;
            },
            (i, made) =>
            {
                lock (gate)
                {
                    inWork--;
                }

                Assert.Equal(i * i, made);
                taken.Add(i);
            },
            Token);

        Assert.Equal(Enumerable.Range(0, count), taken);
        Assert.InRange(most, Math.Min(count, 1), Math.Min(count, width));
    }

    [Fact]
    public async Task As_many_as_allowed_are_in_work_at_once()
    {
        // Each of the first three waits until all three are there.
        using var together = new Barrier(3);
        var taken = 0;
        await Lookahead.RunAsync(
            7,
            3,
            (i, token) => Task.FromResult(i < 3 ? together.SignalAndWait(TimeSpan.FromMinutes(1), token) : i > 0),
            (_, met) =>
            {
                Assert.True(met);
                taken++;
            },
            Token);
        Assert.Equal(7, taken);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(3, 1)]
    public async Task One_after_another_is_done_where_the_caller_is(int count, int width)
    {
        var here = Environment.CurrentManagedThreadId;
        var threads = new List<int>();
        var run = Lookahead.RunAsync(
            count,
            width,
            (_, _) =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                return Task.FromResult(0);
            },
            (_, _) => threads.Add(Environment.CurrentManagedThreadId),
            Token);
        var wasDoneAtOnce = run.IsCompletedSuccessfully;
        await run;

        Assert.True(wasDoneAtOnce);
        Assert.Equal(Enumerable.Repeat(here, 2 * count), threads);
    }

    [Fact]
    public async Task The_first_in_order_that_fails_is_the_error_and_behind_a_failure_nothing_begins()
    {
        var (begun, taken) = (new List<int>(), new List<int>());
        var second = new TaskCompletionSource();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Lookahead.RunAsync(
            10,
            3,
            async (i, token) =>
            {
                lock (begun)
                {
                    begun.Add(i);
                }

                switch (i)
                {
                    case 0:
                        await second.Task;
                        return i;
                    case 1:
                        // After the last one has failed, and not cancelled by that.
                        await second.Task;
                        Assert.False(token.IsCancellationRequested);
                        break;
                    case 2:
                        second.SetResult();
                        break;
                }

                throw new InvalidOperationException($"{i}");
            },
            (i, _) => taken.Add(i),
            Token));

        Assert.Equal("1", error.Message);
        Assert.Equal([0], taken);

        // The fourth may have begun when the first was taken before the others were seen to fail; no other.
        Assert.InRange(begun.Max(), 2, 3);
    }

    [Fact]
    public async Task What_is_behind_a_failure_is_cancelled_and_waited_for()
    {
        var (begun, ended) = (new TaskCompletionSource(), false);
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Lookahead.RunAsync<int>(
            2,
            2,
            async (i, token) =>
            {
                if (i == 0)
                {
                    await begun.Task;
                    throw new InvalidOperationException("0");
                }

                begun.SetResult();
                try
                {
                    await Task.Delay(Timeout.Infinite, token);
                }
                finally
                {
                    await Task.Yield();
                    ended = true;
                }

                return i;
            },
            (_, _) => Assert.Fail("Nothing is there to be taken."),
            Token));

        Assert.Equal("0", error.Message);
        Assert.True(ended);
    }

    [Fact]
    public async Task Cancellation_reaches_all_that_are_in_work()
    {
        using var source = new CancellationTokenSource();
        var (begun, ended) = (0, 0);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Lookahead.RunAsync(
            5,
            3,
            async (i, token) =>
            {
                if (Interlocked.Increment(ref begun) == 3)
                {
                    await source.CancelAsync();
                }

                try
                {
                    await Task.Delay(Timeout.Infinite, token);
                    return i;
                }
                finally
                {
                    Interlocked.Increment(ref ended);
                }
            },
            (_, _) => Assert.Fail("Nothing is there to be taken."),
            source.Token));
        Assert.Equal((3, 3), (begun, ended));
    }
}
