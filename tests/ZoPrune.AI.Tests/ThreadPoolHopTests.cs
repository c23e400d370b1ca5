using ZoPrune.AI.Generation;

namespace ZoPrune.AI.Tests;

public sealed class ThreadPoolHopTests
{
    [Fact]
    public async Task What_follows_runs_on_the_pool_with_the_context_of_the_method()
    {
        var local = new AsyncLocal<string>();
        var result = new TaskCompletionSource<(bool WasPool, int Before, List<(bool IsPool, int Thread, string? Local)> After)>();
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new Refusing());
            _ = HopAsync();
        });
        thread.Start();
        var (wasPool, before, after) = await result.Task;
        thread.Join();

        Assert.False(wasPool);
        Assert.Equal(3, after.Count);
        Assert.All(after, a => Assert.True(a.IsPool));
        Assert.All(after, a => Assert.NotEqual(before, a.Thread));
        Assert.Equal(["first", "first", "second"], after.Select(a => a.Local));

        async Task HopAsync()
        {
            var began = (Thread.CurrentThread.IsThreadPoolThread, Environment.CurrentManagedThreadId);
            List<(bool, int, string?)> seen = [];
            var hop = new ThreadPoolHop();
            local.Value = "first";
            await hop;
            See();
            await hop;
            See();
            local.Value = "second";
            await hop;
            See();
            result.SetResult((began.IsThreadPoolThread, began.CurrentManagedThreadId, seen));

            void See() => seen.Add((Thread.CurrentThread.IsThreadPoolThread, Environment.CurrentManagedThreadId, local.Value));
        }
    }

    [Fact]
    public async Task An_awaiter_without_a_method_brings_the_context_along()
    {
        var local = new AsyncLocal<string> { Value = "mine" };
        var seen = new TaskCompletionSource<(bool, string?)>();

        new ThreadPoolHop().GetAwaiter().OnCompleted(() => seen.SetResult((Thread.CurrentThread.IsThreadPoolThread, local.Value)));

        Assert.Equal((true, "mine"), await seen.Task);
    }

    private sealed class Refusing : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => throw new NotSupportedException();
    }
}
