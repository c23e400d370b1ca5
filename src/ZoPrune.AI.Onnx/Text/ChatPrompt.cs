namespace ZoPrune.AI.Onnx.Text;

/// <summary>A conversation, ready for a chat template.</summary>
/// <param name="turns">The messages, oldest first.</param>
public sealed class ChatPrompt(IReadOnlyList<ChatTurn> turns)
{
    /// <summary>The messages, oldest first.</summary>
    public IReadOnlyList<ChatTurn> Turns { get; } = turns ?? throw new ArgumentNullException(nameof(turns));
}
