using Microsoft.Extensions.AI;

namespace ZoPrune.AI.SemanticKernel;

/// <summary>
/// Keys in <c>Metadata</c> of what the chat completion service answers, besides those of <see cref="ZoPruneUsage"/> for the pruning report,
/// the stage times and the position policy. They are the keys of Semantic Kernel's own connectors. A stream carries them on its last part.
/// </summary>
public static class KernelMetadata
{
    /// <summary>
    /// The numbers of tokens: <see cref="UsageDetails"/>, with the counts <see cref="ZoPruneUsage.VisualTokens"/> and
    /// <see cref="ZoPruneUsage.VisualTokensKept"/>; while streaming <see cref="UsageContent"/>, which holds them.
    /// </summary>
    public const string Usage = "Usage";

    /// <summary>Why the answer ended, as text: <c>stop</c>, <c>length</c>, <c>tool_calls</c>.</summary>
    public const string FinishReason = "FinishReason";

    /// <summary>The id of the response, as text.</summary>
    public const string Id = "Id";

    /// <summary>When the answer began: <see cref="DateTimeOffset"/>.</summary>
    public const string CreatedAt = "CreatedAt";
}
