using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Onnx.Text;

/// <summary>A conversation, ready for a chat template.</summary>
/// <param name="turns">The messages, oldest first.</param>
public sealed class ChatPrompt(IReadOnlyList<ChatTurn> turns)
{
    /// <summary>The messages, oldest first.</summary>
    public IReadOnlyList<ChatTurn> Turns { get; } = turns ?? throw new ArgumentNullException(nameof(turns));

    /// <summary>The tools that the model is told of. By default none.</summary>
    public IReadOnlyList<ToolDefinition> Tools { get; init; } = [];

    /// <summary>
    /// The same conversation for templates that know nothing of tools: calls become lines of text in the assistant's turn, and results in a
    /// row one user turn, the place where such models have learned to look at pictures.
    /// </summary>
    public ChatPrompt WithoutToolTurns() => new(PlainToolTurns.Of(Turns)) { Tools = Tools };

    /// <summary>
    /// The same conversation with neighbouring turns of one role made one, for templates that demand that roles alternate. Texts that meet
    /// are paragraphs of their own. Results of tools stay apart: each answers a call of its own; and so does what follows a call.
    /// </summary>
    public ChatPrompt WithMergedTurns()
    {
        var merged = new List<ChatTurn>();
        foreach (var turn in Turns)
        {
            if (merged is [.., { ToolCalls.Count: 0 } last] && last.Role == turn.Role && turn.Role != PlainToolTurns.ToolRole)
            {
                merged[^1] = turn with { Parts = ChatParts.Join(last.Parts, turn.Parts, "\n\n") };
            }
            else
            {
                merged.Add(turn);
            }
        }

        return new ChatPrompt(merged) { Tools = Tools };
    }
}
