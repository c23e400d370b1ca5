using Microsoft.Extensions.AI;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Clients;

/// <summary>What a call took, as its caller sees it.</summary>
/// <param name="FirstToken">Milliseconds to the first update.</param>
/// <param name="TokensPerSecond">Tokens a second behind the first; 0 for answers of one token.</param>
/// <param name="Stages">Where the time went, as the client says.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Messages">The answer, to go on with.</param>
internal sealed record ChatTimes(
    double FirstToken, double TokensPerSecond, StageTimes Stages, int PromptTokens, IReadOnlyList<ChatMessage> Messages);
