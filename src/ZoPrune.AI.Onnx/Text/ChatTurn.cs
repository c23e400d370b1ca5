using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Onnx.Text;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">The role as the chat template knows it (<c>system</c>, <c>user</c>, <c>assistant</c>, <c>tool</c>): trusted, it
/// counts as template text.</param>
/// <param name="Parts">Texts and images, in order; data whatever the role.</param>
public sealed record ChatTurn(string Role, IReadOnlyList<ChatPart> Parts)
{
    /// <summary>The tools that an assistant's turn calls, behind its parts. By default none.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>The call whose result a turn of the role <c>tool</c> is; null if that is not known.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>The tool whose result a turn of the role <c>tool</c> is; null if that is not known.</summary>
    public string? ToolName { get; init; }
}
