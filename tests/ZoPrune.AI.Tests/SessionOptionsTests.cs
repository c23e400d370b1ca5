using Microsoft.Extensions.AI;

namespace ZoPrune.AI.Tests;

public sealed class SessionOptionsTests
{
    [Fact]
    public async Task The_application_sees_the_options_of_every_session_before_it_opens()
    {
        var sessions = 0;
        using var client = ZoPruneChatClient.Create(new ZoPruneOptions
        {
            ConfigureSession = options =>
            {
                options.IntraOpNumThreads = 1;
                Interlocked.Increment(ref sessions);
            },
        });

        Assert.Equal(0, Volatile.Read(ref sessions));
        await client.GetResponseAsync("hello", new ChatOptions { MaxOutputTokens = 1 }, TestContext.Current.CancellationToken);

        // Vision, embedding, decoder.
        Assert.Equal(3, Volatile.Read(ref sessions));
    }
}
