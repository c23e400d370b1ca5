using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Tests;

/// <summary>The defaults of <c>AddZoPruneChatClient()</c>, but for the budget, on the 700 questions of the bundled model.</summary>
public sealed class DefaultAccuracyTests
{
    /// <summary>GenAI's right answers, unpruned (tests/data/pocket-vlm/goldens.json): 85.43 % of 700.</summary>
    private const int UnprunedRight = 598;

    [Fact]
    public async Task A_quarter_of_the_tokens_keeps_95_percent_of_the_unpruned_accuracy()
    {
        var services = new ServiceCollection();
        services.AddZoPruneChatClient();
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<IChatClient>();
        var options = new ChatOptions { MaxOutputTokens = 64 }.WithPruning(p => p.KeepRatio = 0.25);
        var (asked, right) = (0, 0);
        foreach (var line in File.ReadLines(TestData.PathTo("pocket-vlm", "eval", "questions.jsonl")))
        {
            using var question = JsonDocument.Parse(line);
            var picture = await File.ReadAllBytesAsync(
                TestData.PathTo("pocket-vlm", "eval", question.RootElement.GetProperty("image").GetString()!), TestContext.Current.CancellationToken);
            var response = await client.GetResponseAsync(
                new ChatMessage(ChatRole.User, [new DataContent(picture, "image/png"), new TextContent(question.RootElement.GetProperty("question").GetString())]),
                options,
                TestContext.Current.CancellationToken);

            Assert.Equal(64, response.GetPruningReport()!.VisualTokensKept);
            right += response.Text == question.RootElement.GetProperty("answer").GetString() ? 1 : 0;
            asked++;
        }

        Assert.Equal(700, asked);
        Assert.InRange(right, (int)Math.Ceiling(0.95 * UnprunedRight), 700);
    }
}
