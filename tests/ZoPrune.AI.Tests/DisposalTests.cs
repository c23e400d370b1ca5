using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public class DisposalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_disposed_client_refuses_calls()
    {
        var client = Clients.Create();
        client.Dispose();
        client.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("hello", cancellationToken: Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(
            () => Clients.CollectAsync(client.GetStreamingResponseAsync("hello", cancellationToken: Token)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.LoadAsync(Token));
        Assert.Throws<ObjectDisposedException>(() => client.GetService<VisionLanguageModel>());
    }

    [Theory]
    [InlineData(ZoPruneTelemetry.VisionStage)]
    [InlineData(ZoPruneTelemetry.PruneStage)]
    [InlineData(ZoPruneTelemetry.PrefillStage)]
    [InlineData(ZoPruneTelemetry.DecodeStage)]
    public async Task A_call_under_way_ends_with_an_error_when_the_client_is_disposed(string stage)
    {
        var client = Clients.Create(Clients.WithFreshCaches);
        using var spans = new Spans(a =>
        {
            if (a.OperationName == stage)
            {
                client.Dispose();
            }
        });
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync([Golden.Longest.ToMessage()], null, Token));
    }

    [Fact]
    public async Task A_stream_that_is_being_read_ends_with_an_error_when_the_client_is_disposed()
    {
        var client = Clients.Create();
        var updates = 0;
        await Assert.ThrowsAsync<ObjectDisposedException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync([Golden.Longest.ToMessage()], null, Token))
            {
                updates++;
                client.Dispose();
            }
        });
        Assert.Equal(1, updates);
    }

    [Fact]
    public async Task Disposal_while_many_calls_run_ends_all_of_them_cleanly()
    {
        for (var round = 0; round < 3; round++)
        {
            var client = Clients.Create();
            await client.LoadAsync(Token);
            var calls = Enumerable.Range(0, 8)
                .Select(_ => Record.ExceptionAsync(() => client.GetResponseAsync([Golden.Longest.ToMessage()], null, Token)).AsTask())
                .ToArray();
            await Task.Delay(10 * round, Token);
            client.Dispose();
            Assert.All(await Task.WhenAll(calls), e => Assert.True(e is null or ObjectDisposedException, e?.ToString()));
        }
    }

    [Fact]
    public async Task One_client_of_a_folder_outlives_another()
    {
        using var survivor = Clients.Create();
        var other = Clients.Create();
        await other.LoadAsync(Token);
        other.Dispose();
        var response = await survivor.GetResponseAsync([Golden.First.ToMessage()], Clients.Unpruned(), Token);
        Assert.Equal(Golden.First.Text, response.Text);
    }
}
