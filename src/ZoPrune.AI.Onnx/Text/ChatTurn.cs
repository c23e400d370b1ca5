namespace ZoPrune.AI.Onnx.Text;

/// <summary>One message of a conversation.</summary>
/// <param name="Role">The role as the chat template knows it (<c>system</c>, <c>user</c>, <c>assistant</c>): trusted, it counts as
/// template text.</param>
/// <param name="Parts">Texts and images, in order; data whatever the role.</param>
public sealed record ChatTurn(string Role, IReadOnlyList<ChatPart> Parts);
