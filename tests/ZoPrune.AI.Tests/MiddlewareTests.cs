using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public sealed class MiddlewareTests
{
    [Fact]
    public async Task Logging_telemetry_and_a_distributed_cache_go_on_top_and_the_report_survives_them()
    {
        var cache = new DictionaryCache();
        using var inner = ZoPruneChatClient.Create(new ZoPruneOptions());
        using var client = inner.AsBuilder()
            .UseLogging(NullLoggerFactory.Instance)
            .UseDistributedCache(cache)
            .UseOpenTelemetry()
            .Build();
        var picture = await File.ReadAllBytesAsync(
            TestData.PathTo("pocket-vlm", "eval", "images", "003.png"), TestContext.Current.CancellationToken);
        var message = new ChatMessage(ChatRole.User, [new DataContent(picture, "image/png"), new TextContent("What number is on the tag?")]);

        var asked = await client.GetResponseAsync(message, cancellationToken: TestContext.Current.CancellationToken);
        inner.Dispose();
        var cached = await client.GetResponseAsync(message, cancellationToken: TestContext.Current.CancellationToken);

        // The second answer cannot come from the disposed client.
        Assert.Equal("71.", asked.Text);
        Assert.Equal(asked.Text, cached.Text);
        Assert.Equal(asked.GetPruningReport()!.Images[0].Kept, cached.GetPruningReport()!.Images[0].Kept);
        Assert.Equal(asked.Usage!.InputTokenCount, cached.Usage!.InputTokenCount);
    }
}
