using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client.Support;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client;

/// <summary>Generators that go on with what an earlier call left change no answer.</summary>
public sealed class ContinuationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Folders => [.. GenAIFolders.All];

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task Conversations_give_the_same_with_and_without(string folder)
    {
        GenAI.SkipIfAbsent();
        using var pair = new Pair(folder, o => o.Caching.KeyValueBytes = 0);
        using var cached = Open(folder, Clients.WithFreshCaches);
        var isReused = cached.GetService<VisionLanguageModel>()!.NoPrefixReuseReason is null;
        var (reused, isUnpruned) = (0L, false);

        // Pruned tokens of a grid are not GenAI's: those that are all there have to be asked for.
        foreach (var ratio in (double?[])(GenAIFolders.HasGrid(folder) ? [null, 1] : [null]))
        {
            foreach (var (name, messages, options) in ConversationScript.Of(Path.GetFileName(folder)))
            {
                var chosen = options.Clone();
                if (ratio is { } all)
                {
                    chosen.WithPruning(p => p.KeepRatio = all);
                }

                var expected = await pair.AskAsync(messages, chosen, name);
                var actual = await cached.GetResponseAsync(messages, chosen, Token);

                Pair.AssertSame(expected, actual, $"{ratio}, {name}");
                Assert.Equal(0, expected.Usage!.CachedInputTokenCount);
                Assert.InRange(actual.Usage!.CachedInputTokenCount!.Value, 0, actual.Usage.InputTokenCount!.Value - 1);
                reused += actual.Usage.CachedInputTokenCount.Value;
                isUnpruned |= Pair.LanguageModelOf(actual) is "OnnxRuntimeGenAI";
            }
        }

        Assert.True(isUnpruned);
        Assert.True(GenAIFolders.GoesBack(folder) ? isReused && reused > 0 : isReused || reused == 0, $"{reused}");
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public async Task A_turn_that_goes_on_computes_what_is_new(string folder)
    {
        GenAI.SkipIfAbsent();
        using var cached = Open(folder, Clients.WithFreshCaches);
        using var plain = Open(folder, o => o.Caching.KeyValueBytes = 0);
        var isReused = cached.GetService<VisionLanguageModel>()!.NoPrefixReuseReason is null;
        foreach (var end in new[] { "limit", "stop sequence", "one token" })
        {
            List<ChatMessage> messages = [new(ChatRole.User, [ConversationScript.Picture("square56.png"), new TextContent($"What is it, by the {end}?")])];
            var options = ConversationScript.Greedy(p => p.KeepRatio = 1);
            options.MaxOutputTokens = end switch { "one token" => 1, "limit" => 3, _ => 12 };
            if (end == "stop sequence")
            {
                var text = (await plain.GetResponseAsync(messages, options, Token)).Text;
                Assert.True(text.Length > 4, text);
                options.StopSequences = [text[(text.Length / 2)..((text.Length / 2) + 2)]];
            }

            var first = await cached.GetResponseAsync(messages, options, Token);
            Pair.AssertSame(await plain.GetResponseAsync(messages, options, Token), first, end);
            Assert.Equal(end == "stop sequence" ? ChatFinishReason.Stop : ChatFinishReason.Length, first.FinishReason);
            options.StopSequences = null;
            for (var turn = 0; turn < 3; turn++)
            {
                messages.Add(new ChatMessage(ChatRole.Assistant, first.Text));
                messages.Add(new ChatMessage(ChatRole.User, $"Where is it, {turn}?"));
                var next = await cached.GetResponseAsync(messages, options, Token);
                Pair.AssertSame(await plain.GetResponseAsync(messages, options, Token), next, $"{end}, {turn}");
                Assert.Equal("OnnxRuntimeGenAI", Pair.LanguageModelOf(next));

                // An answer may be written in other tokens than it was given in: it is whole in the prompt then, but not for the generator.
                var (known, whole) = (next.Usage!.CachedInputTokenCount!.Value, first.Usage!.TotalTokenCount!.Value);
                Assert.True(
                    GenAIFolders.GoesBack(folder) ? isReused && known >= first.Usage.InputTokenCount : known == 0 || (isReused && known >= whole - 1),
                    $"{end}, {turn}: {known} of {whole}");
                first = next;
            }
        }
    }

    [Fact]
    public async Task A_regenerated_answer_runs_one_token_of_its_prompt()
    {
        GenAI.SkipIfAbsent();
        using var client = Clients.Create(o => Clients.WithFreshCaches(o.UseOnnxRuntimeGenAI()));
        var first = await client.GetResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), Token);
        for (var i = 0; i < 3; i++)
        {
            var again = await client.GetResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), Token);
            Pair.AssertSame(first, again);
            Assert.Equal(again.Usage!.InputTokenCount - 1, again.Usage.CachedInputTokenCount);
        }

        Assert.Equal(Golden.Longest.Text, first.Text);
    }

    [Fact]
    public async Task A_stream_that_is_left_or_cancelled_is_gone_on_with()
    {
        GenAI.SkipIfAbsent();
        using var client = Clients.Create(o => Clients.WithFreshCaches(o.UseOnnxRuntimeGenAI()));
        await foreach (var _ in client.GetStreamingResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), Token))
        {
            break;
        }

        var second = await client.GetResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), Token);
        Assert.Equal(second.Usage!.InputTokenCount - 1, second.Usage.CachedInputTokenCount);
        Assert.Equal(Golden.Longest.Text, second.Text);

        using var cancellation = new CancellationTokenSource();
        var updates = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in client.GetStreamingResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), cancellation.Token))
            {
                if (++updates == 2)
                {
                    await cancellation.CancelAsync();
                }
            }
        });
        Assert.Equal(2, updates);
        var third = await client.GetResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), Token);
        Assert.Equal(third.Usage!.InputTokenCount - 1, third.Usage.CachedInputTokenCount);
        Assert.Equal(Golden.Longest.Text, third.Text);
    }

    [Fact]
    public async Task A_branch_that_begins_while_another_is_written_computes_its_prompt_itself()
    {
        GenAI.SkipIfAbsent();
        using var client = Clients.Create(o => Clients.WithFreshCaches(o.UseOnnxRuntimeGenAI()));
        using var plain = Clients.Create(o => Clients.WithoutCaches(o.UseOnnxRuntimeGenAI()));
        var root = await client.GetResponseAsync([Golden.Longest.ToMessage()], Clients.Unpruned(), Token);
        ChatMessage[] Branch(string question) =>
            [Golden.Longest.ToMessage(), new(ChatRole.Assistant, root.Text), new(ChatRole.User, question)];

        var updates = new List<ChatResponseUpdate>();
        ChatResponse? other = null;
        await foreach (var update in client.GetStreamingResponseAsync(Branch(Golden.Longest.Question), Clients.Unpruned(), Token))
        {
            updates.Add(update);
            other ??= await client.GetResponseAsync(Branch("What colour is it?"), Clients.Unpruned(), Token);
        }

        var one = updates.ToChatResponse();
        Pair.AssertSame(await plain.GetResponseAsync(Branch(Golden.Longest.Question), Clients.Unpruned(), Token), one);
        Pair.AssertSame(await plain.GetResponseAsync(Branch("What colour is it?"), Clients.Unpruned(), Token), other!);
        Assert.True(one.Usage!.CachedInputTokenCount >= root.Usage!.InputTokenCount);
        Assert.Equal(0, other!.Usage!.CachedInputTokenCount);

        // Both are there afterwards.
        foreach (var question in new[] { Golden.Longest.Question, "What colour is it?" })
        {
            var again = await client.GetResponseAsync(Branch(question), Clients.Unpruned(), Token);
            Assert.Equal(again.Usage!.InputTokenCount - 1, again.Usage.CachedInputTokenCount);
        }
    }

    [Fact]
    public async Task Bounds_hold_and_what_does_not_fit_is_computed_again()
    {
        GenAI.SkipIfAbsent();
        foreach (var (bound, isEvicted, isOversized) in new[] { (8_000_000, true, false), (1_000_000, false, true) })
        {
            using var client = Clients.Create(o => o.UseOnnxRuntimeGenAI().Caching.KeyValueBytes = bound);
            using var lease = await client.Services.Model.AcquireAsync(Token);
            var sequences = lease.Caches.Sequences;
            for (var round = 0; round < 2; round++)
            {
                foreach (var golden in Enumerable.Range(0, 5).Select(i => Golden.All[i * 97]))
                {
                    var response = await client.GetResponseAsync([golden.ToMessage()], Clients.Unpruned(), Token);
                    Assert.Equal(golden.Text, response.Text);
                    Assert.InRange(sequences.Bytes, 0, bound);
                }
            }

            Assert.Equal((isEvicted, isOversized), (sequences.Evictions > 0, sequences.Oversized > 0));
            Assert.Equal(isOversized, sequences.Count == 0);
        }
    }

    private static ZoPruneChatClient Open(string folder, Action<ZoPruneOptions> configure) => Clients.Create(o =>
    {
        configure(o);
        o.PositionPolicy = GenAIFolders.HasGrid(folder) ? PositionPolicy.Auto : PositionPolicy.Compact;
        o.UseOnnxRuntimeGenAI().ModelPath = ModelFolders.PathOf(folder);
    });
}
