using Microsoft.Extensions.AI;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Clients;

/// <summary>A question about pictures, with what is kept of them.</summary>
/// <param name="Pictures">The encoded pictures.</param>
/// <param name="Question">The question.</param>
/// <param name="Kept">How many visual tokens each picture keeps; <c>null</c>: all.</param>
/// <param name="OutputTokens">How many tokens the answer has.</param>
internal sealed record ChatRequest(IReadOnlyList<byte[]> Pictures, string Question, int? Kept, int OutputTokens = 1)
{
    /// <summary>The first message of a conversation.</summary>
    public ChatMessage Message() => new(
        ChatRole.User,
        [.. Pictures.Select(picture => new DataContent(picture, "image/jpeg")), new TextContent(Question)]);

    /// <summary>The options of the call: greedy, as long as said.</summary>
    public ChatOptions Options() => new ChatOptions { MaxOutputTokens = OutputTokens, Temperature = 0 }.WithPruning(pruning =>
    {
        pruning.KeepRatio = 1;
        pruning.MaxVisualTokens = Kept;
    });
}
