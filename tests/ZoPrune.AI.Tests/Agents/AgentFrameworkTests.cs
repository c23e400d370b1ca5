using Microsoft.Agents.AI;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests.Agents;

/// <summary>Microsoft.Agents.AI on top of the client: pictures, sessions, streams.</summary>
public sealed class AgentFrameworkTests(SharedClient shared)
{
    private static readonly ChatMessage Question = Golden.First.ToMessage();

    [Fact]
    public async Task An_agent_sees_the_picture_and_its_response_carries_usage_and_report()
    {
        var agent = shared.Client.AsAIAgent(name: "shop");

        var response = await agent.RunAsync(Question, cancellationToken: TestContext.Current.CancellationToken);

        var direct = await shared.Client.GetResponseAsync(Question, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(direct.Text, response.Text);
        Assert.Equal(direct.Usage!.InputTokenCount, response.Usage!.InputTokenCount);
        var raw = Assert.IsType<ChatResponse>(response.RawRepresentation);
        Assert.Equal(direct.GetPruningReport()!.Images[0].Kept, raw.GetPruningReport()!.Images[0].Kept);
    }

    [Fact]
    public async Task Instructions_of_an_agent_are_a_system_turn()
    {
        const string Instructions = "You look at pictures of garments.";
        var agent = shared.Client.AsAIAgent(Instructions);

        var response = await agent.RunAsync(Question, cancellationToken: TestContext.Current.CancellationToken);

        var direct = await shared.Client.GetResponseAsync(
            [new ChatMessage(ChatRole.System, Instructions), Question], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(direct.Text, response.Text);
        Assert.Equal(direct.Usage!.InputTokenCount, response.Usage!.InputTokenCount);
    }

    [Fact]
    public async Task A_streamed_run_gives_the_same_text_in_pieces()
    {
        var agent = shared.Client.AsAIAgent();
        var whole = await agent.RunAsync(Golden.Longest.ToMessage(), cancellationToken: TestContext.Current.CancellationToken);

        var pieces = new List<string>();
        await foreach (var update in agent.RunStreamingAsync(
            Golden.Longest.ToMessage(), cancellationToken: TestContext.Current.CancellationToken))
        {
            pieces.Add(update.Text);
        }

        Assert.True(pieces.Count(p => p.Length > 0) > 1);
        Assert.Equal(whole.Text, string.Concat(pieces));
    }

    [Fact]
    public async Task A_session_sends_the_history_with_its_picture_again()
    {
        const string Second = "Describe this picture.";
        var agent = shared.Client.AsAIAgent();
        var session = await agent.CreateSessionAsync(TestContext.Current.CancellationToken);

        var first = await agent.RunAsync(Question, session, cancellationToken: TestContext.Current.CancellationToken);
        var second = await agent.RunAsync(Second, session, cancellationToken: TestContext.Current.CancellationToken);

        var direct = await shared.Client.GetResponseAsync(
            [Question, .. first.Messages, new ChatMessage(ChatRole.User, Second)],
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(direct.Text, second.Text);
        Assert.Equal(direct.Usage!.InputTokenCount, second.Usage!.InputTokenCount);
        Assert.Equal(direct.Usage.AdditionalCounts![ZoPruneUsage.VisualTokens], second.Usage.AdditionalCounts![ZoPruneUsage.VisualTokens]);
        Assert.Equal(256, direct.Usage.AdditionalCounts[ZoPruneUsage.VisualTokens]);
    }

    [Fact]
    public async Task A_session_can_be_saved_and_goes_on_with_its_picture()
    {
        var agent = shared.Client.AsAIAgent();
        var session = await agent.CreateSessionAsync(TestContext.Current.CancellationToken);
        await agent.RunAsync(Question, session, cancellationToken: TestContext.Current.CancellationToken);

        var saved = await agent.SerializeSessionAsync(session, cancellationToken: TestContext.Current.CancellationToken);
        var resumed = await agent.DeserializeSessionAsync(saved, cancellationToken: TestContext.Current.CancellationToken);
        var expected = await agent.RunAsync("Is there a tag?", session, cancellationToken: TestContext.Current.CancellationToken);
        var actual = await agent.RunAsync("Is there a tag?", resumed, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(expected.Text, actual.Text);
        Assert.Equal(expected.Usage!.InputTokenCount, actual.Usage!.InputTokenCount);
    }
}
