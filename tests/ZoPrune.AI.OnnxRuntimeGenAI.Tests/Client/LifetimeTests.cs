using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client;

/// <summary>Calls that are cancelled, and clients that are disposed of under them.</summary>
public sealed class LifetimeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ZoPruneTelemetry.VisionStage)]
    [InlineData(ZoPruneTelemetry.PrefillStage)]
    [InlineData(ZoPruneTelemetry.DecodeStage)]
    public async Task A_call_that_is_cancelled_in_a_stage_leaves_the_client_usable(string stage)
    {
        GenAI.SkipIfAbsent();
        using var client = Clients.Create(o => Clients.WithFreshCaches(o.UseOnnxRuntimeGenAI()));
        using var source = new CancellationTokenSource();
        using (var spans = new Spans(a =>
        {
            if (a.OperationName == stage)
            {
                source.Cancel();
            }
        }))
        {
            var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(
                () => client.GetResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), source.Token));
            Assert.Equal(source.Token, error.CancellationToken);

            // The stage was the last: nothing was begun behind it.
            Assert.Equal(stage, spans.StartedNames[^1]);
        }

        var response = await client.GetResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), Token);
        Assert.Equal(Golden.Longest.Text, response.Text);
    }

    [Fact]
    public async Task Cancellation_between_tokens_ends_the_stream()
    {
        GenAI.SkipIfAbsent();
        using var client = Clients.Create(o => Clients.WithoutCaches(o.UseOnnxRuntimeGenAI()));
        using var source = new CancellationTokenSource();
        var texts = new List<string>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in client.GetStreamingResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), source.Token))
            {
                texts.Add(update.Text);
                if (texts.Count == 3)
                {
                    await source.CancelAsync();
                }
            }
        });
        Assert.Equal(3, texts.Count);
        Assert.StartsWith(string.Concat(texts), Golden.Longest.Text, StringComparison.Ordinal);
        Assert.Equal(Golden.Longest.Text, (await client.GetResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), Token)).Text);
    }

    [Theory]
    [InlineData(ZoPruneTelemetry.VisionStage)]
    [InlineData(ZoPruneTelemetry.PrefillStage)]
    [InlineData(ZoPruneTelemetry.DecodeStage)]
    public async Task A_call_under_way_ends_with_an_error_when_the_client_is_disposed(string stage)
    {
        GenAI.SkipIfAbsent();
        var client = Clients.Create(o => Clients.WithFreshCaches(o.UseOnnxRuntimeGenAI()));
        using var spans = new Spans(a =>
        {
            if (a.OperationName == stage)
            {
                client.Dispose();
            }
        });
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync([Golden.Longest.ToMessage()], null, Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("hello", null, Token));
    }

    [Fact]
    public async Task Disposal_while_many_calls_run_ends_all_of_them_cleanly()
    {
        GenAI.SkipIfAbsent();
        for (var round = 0; round < 3; round++)
        {
            var client = Clients.Create(o => Clients.WithFreshCaches(o.UseOnnxRuntimeGenAI()));
            await client.LoadAsync(Token);
            var model = client.GetService<VisionLanguageModel>()!;
            var calls = Enumerable.Range(0, 8)
                .Select(_ => Record.ExceptionAsync(() => client.GetResponseAsync([Golden.Longest.ToMessage()], null, Token)).AsTask())
                .ToArray();
            await Task.Delay(15 * round, Token);
            client.Dispose();
            Assert.All(await Task.WhenAll(calls), e => Assert.True(e is null or ObjectDisposedException, e?.ToString()));
        }
    }

    [Fact]
    public async Task A_sequence_outlives_no_client_and_a_client_outlives_another()
    {
        GenAI.SkipIfAbsent();
        using var survivor = Clients.Create(o => Clients.WithFreshCaches(o.UseOnnxRuntimeGenAI()));
        var other = Clients.Create(o => Clients.WithFreshCaches(o.UseOnnxRuntimeGenAI()));
        await survivor.LoadAsync(Token);
        await foreach (var _ in other.GetStreamingResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), Token))
        {
            break;
        }

        await using var stream = other.GetStreamingResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), Token).GetAsyncEnumerator(Token);
        Assert.True(await stream.MoveNextAsync());
        other.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.MoveNextAsync());
        Assert.Equal(Golden.Longest.Text, (await survivor.GetResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), Token)).Text);
    }
}
