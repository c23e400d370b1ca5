using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public class CancellationTests(SharedClient shared)
{
    private static readonly string[] Stages =
    [
        ZoPruneTelemetry.ReadStage,
        ZoPruneTelemetry.DecodeImageStage,
        ZoPruneTelemetry.PreprocessStage,
        ZoPruneTelemetry.VisionStage,
        ZoPruneTelemetry.PruneStage,
        ZoPruneTelemetry.PrefillStage,
        ZoPruneTelemetry.DecodeStage,
    ];

    [Theory]
    [InlineData(ZoPruneTelemetry.ReadStage)]
    [InlineData(ZoPruneTelemetry.DecodeImageStage)]
    [InlineData(ZoPruneTelemetry.PreprocessStage)]
    [InlineData(ZoPruneTelemetry.VisionStage)]
    [InlineData(ZoPruneTelemetry.PruneStage)]
    [InlineData(ZoPruneTelemetry.PrefillStage)]
    [InlineData(ZoPruneTelemetry.DecodeStage)]
    public async Task A_call_that_is_cancelled_in_a_stage_never_reaches_the_next(string stage)
    {
        using var source = new CancellationTokenSource();
        using var spans = new Spans(a =>
        {
            if (a.OperationName == stage)
            {
                source.Cancel();
            }
        });

        using var client = Clients.Create(Clients.WithFreshCaches);
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.GetResponseAsync([Golden.Longest.ToMessage()], null, source.Token));
        Assert.Equal(source.Token, error.CancellationToken);
        Assert.Equal(Stages[..(Array.IndexOf(Stages, stage) + 1)], spans.StartedNames.Where(Stages.Contains));
        Assert.Equal(spans.StartedNames.Order(), spans.Stopped.Select(a => a.OperationName).Order());
    }

    [Fact]
    public async Task Cancellation_between_tokens_ends_the_stream()
    {
        using var source = new CancellationTokenSource();
        var texts = new List<string>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in shared.Client.GetStreamingResponseAsync(
                [Golden.Longest.ToMessage()], Clients.Unpruned(), source.Token))
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
    }

    [Fact]
    public async Task The_token_of_the_enumeration_cancels_as_well()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        using var spans = new Spans();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in shared.Client.GetStreamingResponseAsync(
                [Golden.First.ToMessage()], null, TestContext.Current.CancellationToken)
                .WithCancellation(source.Token))
            {
            }
        });
        Assert.Empty(spans.StartedNames);
    }

    [Fact]
    public async Task An_abandoned_stream_ends_its_call()
    {
        using var spans = new Spans();
        var token = TestContext.Current.CancellationToken;
        await foreach (var _ in shared.Client.GetStreamingResponseAsync([Golden.Longest.ToMessage()], null, token))
        {
            break;
        }

        Assert.Contains(spans.Stopped, a => a.OperationName == ZoPruneTelemetry.CallActivity);
        Assert.Contains(spans.Stopped, a => a.OperationName == ZoPruneTelemetry.DecodeStage);
    }

    [Fact]
    public async Task The_client_works_after_a_cancelled_call()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => shared.Client.GetResponseAsync([Golden.First.ToMessage()], null, source.Token));
        var response = await shared.Client.GetResponseAsync(
            [Golden.First.ToMessage()], Clients.Unpruned(), TestContext.Current.CancellationToken);
        Assert.Equal(Golden.First.Text, response.Text);
    }
}
