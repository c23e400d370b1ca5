using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public class CallerThreadTests
{
    [Fact]
    public void No_stage_runs_on_the_thread_of_the_caller()
    {
        // A thread with a message loop, as in a user interface.
        var threads = new ConcurrentQueue<(string Stage, int Thread)>();
        using var loop = new MessageLoop();
        using var client = Clients.Create(Clients.WithFreshCaches);
        var token = TestContext.Current.CancellationToken;
        var text = loop.Run(async () =>
        {
            using var spans = new Spans(a => threads.Enqueue((a.OperationName, Environment.CurrentManagedThreadId)));
            var updates = new List<string>();
            await foreach (var update in client.GetStreamingResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), token))
            {
                Assert.Equal(loop.ThreadId, Environment.CurrentManagedThreadId);
                updates.Add(update.Text);
            }

            return string.Concat(updates);
        });

        Assert.Equal(Golden.Longest.Text, text);
        Assert.Contains(threads, t => t.Stage == ZoPruneTelemetry.VisionStage);
        Assert.All(threads.Where(t => t.Stage != ZoPruneTelemetry.CallActivity), t => Assert.NotEqual(loop.ThreadId, t.Thread));
    }

    [Fact]
    public void The_thread_of_the_caller_is_free_while_a_call_runs()
    {
        // The first call waits, with its vision stage begun, until the caller's own thread has done something else.
        using var reached = new ManualResetEventSlim();
        using var loop = new MessageLoop();
        using var client = Clients.Create(Clients.WithFreshCaches);
        var token = TestContext.Current.CancellationToken;
        var wasFree = loop.Run(async () =>
        {
            var released = false;
            using var spans = new Spans(a =>
            {
                if (a.OperationName == ZoPruneTelemetry.VisionStage)
                {
                    released = reached.Wait(TimeSpan.FromMinutes(1));
                }
            });
            var call = client.GetResponseAsync([Golden.First.ToMessage()], null, token);
            await Task.Yield();
            reached.Set();
            await call;
            return released;
        });
        Assert.True(wasFree);
    }

    [Fact]
    public async Task Messages_may_be_changed_as_soon_as_the_call_has_begun()
    {
        using var client = Clients.Create(Clients.WithFreshCaches);
        var token = TestContext.Current.CancellationToken;
        var message = Golden.First.ToMessage();
        var contents = message.Contents;
        message.Contents = [.. contents];
        var call = client.GetResponseAsync([message], Clients.Unpruned(), token);
        message.Contents.Clear();
        message.Role = ChatRole.Assistant;
        Assert.Equal(Golden.First.Text, (await call).Text);

        message = new ChatMessage(ChatRole.User, [.. contents]);
        await using var updates = client.GetStreamingResponseAsync([message], Clients.Unpruned(), token).GetAsyncEnumerator(token);
        var next = updates.MoveNextAsync();
        message.Contents.Clear();
        var text = string.Empty;
        for (; await next; next = updates.MoveNextAsync())
        {
            text += updates.Current.Text;
        }

        Assert.Equal(Golden.First.Text, text);
    }

    [Fact]
    public async Task The_current_activity_of_the_caller_is_left_alone()
    {
        using var client = Clients.Create(Clients.WithFreshCaches);
        using var spans = new Spans();
        var before = Activity.Current;
        await foreach (var _ in client.GetStreamingResponseAsync([Golden.First.ToMessage()], null, TestContext.Current.CancellationToken))
        {
            Assert.Same(before, Activity.Current);
        }

        Assert.Same(before, Activity.Current);
    }

    private sealed class MessageLoop : SynchronizationContext, IDisposable
    {
        private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _messages = [];

        public int ThreadId { get; private set; }

        public override void Post(SendOrPostCallback d, object? state) => _messages.Add((d, state));

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException();

        public T Run<T>(Func<Task<T>> work)
        {
            var result = new TaskCompletionSource<T>();
            var thread = new Thread(() =>
            {
                ThreadId = Environment.CurrentManagedThreadId;
                SetSynchronizationContext(this);
                Post(async _ =>
                {
                    try
                    {
                        result.SetResult(await work());
                    }
                    catch (Exception e)
                    {
                        result.SetException(e);
                    }
                    finally
                    {
                        _messages.CompleteAdding();
                    }
                }, null);
                foreach (var (callback, state) in _messages.GetConsumingEnumerable())
                {
                    callback(state);
                }
            });
            thread.Start();
            thread.Join();
            return result.Task.GetAwaiter().GetResult();
        }

        public void Dispose() => _messages.Dispose();
    }
}
