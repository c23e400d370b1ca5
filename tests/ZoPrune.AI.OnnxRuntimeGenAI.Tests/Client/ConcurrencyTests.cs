using System.Text;
using Microsoft.Extensions.AI;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client.Support;
using ZoPrune.AI.OnnxRuntimeGenAI.Tests.Support;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Tests.Client;

/// <summary>Calls at the same time are calls one after another.</summary>
public sealed class ConcurrencyTests
{
    private static readonly Golden[] Pictures = [.. Enumerable.Range(0, 4).Select(i => Golden.All[i * 97])];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Eight_conversations_at_once_give_what_each_gives_alone()
    {
        GenAI.SkipIfAbsent();
        using var plain = Clients.Create(o => Clients.WithoutCaches(o.UseOnnxRuntimeGenAI()));
        using var ample = Clients.Create(o => Clients.WithFreshCaches(o.UseOnnxRuntimeGenAI()));
        using var tight = Clients.Create(o => o.UseOnnxRuntimeGenAI().Caching = new CachingOptions { VisionFeatureBytes = 700_000, KeyValueBytes = 10_000_000 });
        var alone = new string[8];
        for (var i = 0; i < alone.Length; i++)
        {
            (alone[i], var reused) = await ConverseAsync(plain, i);
            Assert.Equal(0, reused);
        }

        foreach (var client in new[] { plain, ample, tight })
        {
            var together = await Task.WhenAll(Enumerable.Range(0, alone.Length).Select(i => Task.Run(() => ConverseAsync(client, i), Token)));
            Assert.Equal(alone, together.Select(t => t.Text));
            Assert.Equal(client != plain, together.Sum(t => t.Reused) > 0);
            using var lease = await client.Services.Model.AcquireAsync(Token);
            Assert.InRange(lease.Caches.Sequences.Bytes, 0, lease.Caches.Sequences.MaxBytes);
        }
    }

    [Theory]
    [InlineData("genai/gemma3")]
    [InlineData("genai/mistral3")]
    [InlineData("genai/qwen2_5_vl")]
    public async Task Thirty_two_calls_over_four_clients_of_one_folder(string folder)
    {
        GenAI.SkipIfAbsent();
        ZoPruneChatClient[] clients = [.. Enumerable.Range(0, 4).Select(i => Clients.Create(o =>
        {
            (i % 2 == 0 ? Clients.WithoutCaches : (Action<ZoPruneOptions>)Clients.WithFreshCaches)(o);
            o.UseOnnxRuntimeGenAI().ModelPath = ModelFolders.PathOf(folder);
        }))];
        try
        {
            var alone = new List<string>();
            for (var i = 0; i < 32; i++)
            {
                alone.Add(await AskAsync(clients[0], i));
            }

            var together = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Task.Run(() => AskAsync(clients[i % 4], i), Token)));
            Assert.Equal(alone, together);
            Assert.True(alone.Distinct().Count() > 8);
        }
        finally
        {
            Array.ForEach(clients, c => c.Dispose());
        }
    }

    private static async Task<string> AskAsync(ZoPruneChatClient client, int number)
    {
        var options = ConversationScript.Greedy(p => p.KeepRatio = number % 3 == 0 ? 1 : 0.5);
        (options.Temperature, options.Seed) = (number % 2 * 0.9f, number);
        var picture = ConversationScript.Picture(number % 4 < 2 ? "square56.png" : "photo160x120.jpg");
        ChatMessage[] messages = [new(ChatRole.User, [picture, new TextContent($"Question {number % 16}: what is it?")])];
        return (await client.GetResponseAsync(messages, options, Token)).Text;
    }

    private static async Task<(string Text, long Reused)> ConverseAsync(ZoPruneChatClient client, int number)
    {
        var text = new StringBuilder();
        var reused = 0L;
        List<ChatMessage> messages =
        [
            new(ChatRole.User, [Pictures[number % 2].ToImage(), new TextContent($"{Pictures[number % 2].Question} Say it to reader {number}.")]),
        ];
        for (var turn = 0; turn < 3; turn++)
        {
            var response = await client.GetResponseAsync(messages, ConversationScript.Greedy(), Token);
            text.Append(response.Text).Append('|');
            reused += response.Usage!.CachedInputTokenCount!.Value;
            messages.Add(new ChatMessage(ChatRole.Assistant, response.Text));
            messages.Add(turn == 1
                ? new ChatMessage(ChatRole.User, [Pictures[2 + (number % 2)].ToImage(), new TextContent("And here?")])
                : new ChatMessage(ChatRole.User, $"Tell reader {number} where."));
        }

        return (text.ToString(), reused);
    }
}
