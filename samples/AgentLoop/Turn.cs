using Microsoft.Extensions.AI;
using ZoPrune.AI;

namespace AgentLoop;

/// <summary>What one turn of the conversation said and cost.</summary>
internal sealed record Turn(string Question, string Answer, int VisualTokens, long PromptTokens, long CachedTokens, TimeSpan FirstToken, TimeSpan Total)
{
    public static Turn Of(string question, ChatResponse response, TimeSpan total) => new(
        question,
        response.Text,
        (int)response.Usage!.AdditionalCounts![ZoPruneUsage.VisualTokensKept],
        response.Usage.InputTokenCount!.Value,
        response.Usage.CachedInputTokenCount ?? 0,
        response.GetStageTimes()!.FirstToken,
        total);
}
