using Microsoft.Extensions.AI;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

/// <summary>
/// What a token of an answer costs in managed memory, from the sampler to the update. Runs when nothing else does: it counts what the whole
/// process allocates, since the work is done on threads of the pool.
/// </summary>
[Collection(nameof(TokenMemoryTests))]
[CollectionDefinition(nameof(TokenMemoryTests), DisableParallelization = true)]
public sealed class TokenMemoryTests
{
    private const int Short = 20;
    private const int Long = 100;

    /// <summary>The most seeds that are tried: if none gives a long answer, something else ends them all.</summary>
    private const int MostSeeds = 200;

    private static readonly byte[] s_image = File.ReadAllBytes(TestData.PathTo("zoo", "images", "square56.png"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Where a decoder returns the cache instead of writing it in place, each of its tensors is a new object: here four to six.
    /// </summary>
    public static TheoryData<string, int> Folders => new(ModelFolders.All.Select(folder =>
        (folder, folder.StartsWith("hf/", StringComparison.Ordinal) || folder == "genai/mistral3" ? 2500 : 800)));

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task A_further_token_takes_little_managed_memory(string folder, int most)
    {
        using var client = Clients.Create(o => o.ModelPath = ModelFolders.PathOf(folder));
        var seed = 1;
        while (await MeasureAsync(client, Long, seed) is null)
        {
            Assert.InRange(++seed, 1, MostSeeds);
        }

        // Whatever else the process does only adds to it.
        var least = long.MaxValue;
        for (var i = 0; i < 3; i++)
        {
            var shorter = await MeasureAsync(client, Short, seed);
            var longer = await MeasureAsync(client, Long, seed);
            least = Math.Min(least, (longer!.Value - shorter!.Value) / (Long - Short));
        }

        TestContext.Current.SendDiagnosticMessage("{0}: {1} bytes a token", folder, least);
        Assert.InRange(least, 1, most);
    }

    /// <summary>What an answer takes; <c>null</c> if it ends by itself, or breaks off because a token was drawn that cannot be part of it.
    /// </summary>
    private static async Task<long?> MeasureAsync(ZoPruneChatClient client, int tokens, int seed)
    {
        // So hot that no token is likelier than another, the end of the answer among them.
        var options = new ChatOptions { MaxOutputTokens = tokens, Temperature = 20, TopK = 1000, Seed = seed };
        ChatMessage question = new(ChatRole.User, [new DataContent(s_image, "image/png"), new TextContent("What is it?")]);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        UsageDetails? usage = null;
        try
        {
            await foreach (var update in client.GetStreamingResponseAsync([question], options, Token))
            {
                usage = update.Contents is [UsageContent content] ? content.Details : usage;
            }
        }
        catch (ArgumentException e) when (e.ParamName == "tokenId")
        {
            return null;
        }

        var bytes = GC.GetTotalAllocatedBytes(precise: true) - before;
        return usage?.OutputTokenCount == tokens ? bytes : null;
    }
}
