using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client.Support;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client;

/// <summary>The same conversations through both language models.</summary>
public sealed class SameAnswersTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders => [.. GenAIFolders.All];

    public static TheoryData<string> GridFolders => [.. GenAIFolders.All.Where(GenAIFolders.HasGrid)];

    public static TheoryData<string> NumberedFolders => [.. GenAIFolders.All.Where(f => !GenAIFolders.HasGrid(f))];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Both_say_and_report_the_same(string folder)
    {
        GenAI.SkipIfAbsent();
        using var pair = new Pair(folder, o => o.Caching.KeyValueBytes = 0);

        // More than two of its pictures are longer than its context.
        var turns = folder.Contains("phi3v", StringComparison.Ordinal) ? 2 : 3;
        foreach (var ratio in new[] { 1, 1.0 / 3, 0.1 })
        {
            var options = ConversationScript.Greedy(p => p.KeepRatio = ratio);
            List<ChatMessage> messages = [new(ChatRole.User, [ConversationScript.Picture("photo160x120.jpg"), new TextContent("What is it?")])];
            for (var turn = 0; turn < turns; turn++)
            {
                var response = await pair.AskAsync(messages, options, $"{ratio}, {turn}");

                var isPruned = response.Usage!.AdditionalCounts![ZoPruneUsage.VisualTokensKept] < response.Usage.AdditionalCounts[ZoPruneUsage.VisualTokens];
                Assert.Equal(ratio < 1, isPruned);
                Assert.Equal(isPruned && GenAIFolders.HasGrid(folder) ? "OnnxRuntime" : "OnnxRuntimeGenAI", Pair.LanguageModelOf(response));
                messages.Add(new ChatMessage(ChatRole.Assistant, $"a cat and {turn} dogs"));
                messages.Add(turn == 0
                    ? new ChatMessage(ChatRole.User, "Where are they?")
                    : new ChatMessage(ChatRole.User, [ConversationScript.Picture("square56.png"), new TextContent("And here?")]));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.25)]
    public async Task The_bundled_model_answers_both_ways_alike(double ratio)
    {
        GenAI.SkipIfAbsent();
        using var pair = new Pair(ModelFolders.PocketVlm);
        var options = new ChatOptions().WithPruning(p => p.KeepRatio = ratio);
        foreach (var golden in Enumerable.Range(0, 8).Select(i => Golden.All[i * 83]))
        {
            var response = await pair.AskAsync([golden.ToMessage()], options, golden.Question);
            Assert.True(ratio < 1 || response.Text == golden.Text, response.Text);
        }
    }

    [Theory]
    [MemberData(nameof(NumberedFolders))]
    public async Task Tokens_are_numbered_unless_places_are_demanded(string folder)
    {
        GenAI.SkipIfAbsent();
        using var client = Clients.Create(o => o.UseOnnxRuntimeGenAI().ModelPath = ModelFolders.PathOf(folder));
        ChatMessage[] messages = [new(ChatRole.User, [ConversationScript.Picture("photo160x120.jpg"), new TextContent("What is it?")])];

        var response = await client.GetResponseAsync(messages, ConversationScript.Greedy(p => p.KeepRatio = 0.5), Token);
        Assert.Equal(("OnnxRuntimeGenAI", "Compact"), (Pair.LanguageModelOf(response), response.AdditionalProperties![ZoPruneUsage.UsedPositionPolicy]));

        var options = ConversationScript.Greedy(p => (p.KeepRatio, p.PositionPolicy) = (0.5, PositionPolicy.Original));
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync(messages, options, Token));
        Assert.Contains("OnnxRuntimeGenAI", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(GridFolders))]
    public async Task One_call_can_choose_places_that_only_our_own_sessions_keep(string folder)
    {
        GenAI.SkipIfAbsent();
        using var client = Clients.Create(o =>
        {
            Clients.WithFreshCaches(o);
            o.UseOnnxRuntimeGenAI().ModelPath = ModelFolders.PathOf(folder);
        });
        ChatMessage[] messages = [new(ChatRole.User, [ConversationScript.Picture("photo160x120.jpg"), new TextContent("What is it?")])];
        foreach (var (ratio, expected) in new[] { (0.5, "OnnxRuntime"), (1, "OnnxRuntimeGenAI"), (0.25, "OnnxRuntime"), (1, "OnnxRuntimeGenAI") })
        {
            var response = await client.GetResponseAsync(messages, ConversationScript.Greedy(p => p.KeepRatio = ratio), Token);
            Assert.Equal(expected, Pair.LanguageModelOf(response));
        }

        var text = await client.GetResponseAsync("Hello.", ConversationScript.Greedy(), Token);
        Assert.Equal("OnnxRuntimeGenAI", Pair.LanguageModelOf(text));
        foreach (var policy in new[] { PositionPolicy.Original, PositionPolicy.Compact })
        {
            var options = ConversationScript.Greedy(p => (p.KeepRatio, p.PositionPolicy) = (0.5, policy));
            await Assert.ThrowsAsync<NotSupportedException>(() => client.GetResponseAsync(messages, options, Token));
        }
    }
}
