using ZoPrune.AI;

namespace AgentLoop;

/// <summary>The same conversation on two clients that have seen neither of its pictures.</summary>
internal sealed record Round(List<Turn> On, List<Turn> Off)
{
    public static async Task<Round> RunAsync(ZoPruneOptions on, ZoPruneOptions off)
    {
        // New clients each round: nothing of the round before may be reused.
        using var pruned = ZoPruneChatClient.Create(on);
        using var plain = ZoPruneChatClient.Create(off);
        await Conversation.WarmUpAsync(pruned);
        await Conversation.WarmUpAsync(plain);
        return new Round(await Conversation.RunAsync(pruned), await Conversation.RunAsync(plain));
    }
}
