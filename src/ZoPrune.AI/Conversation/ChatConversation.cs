using ZoPrune.AI.Content;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Conversation;

/// <summary>The turns of a request and the images that they show, in the order of their first appearance.</summary>
internal sealed record ChatConversation(IReadOnlyList<ChatTurn> Turns, IReadOnlyList<ImageSource> Images)
{
    public ChatPrompt ToPrompt() => new(Turns);

    /// <summary>
    /// The same conversation with neighbouring turns of one role made one, for templates that demand that roles alternate; <see langword="null"/> if
    /// there are none.
    /// </summary>
    public ChatConversation? Merge()
    {
        var merged = new List<ChatTurn>();
        foreach (var turn in Turns)
        {
            if (merged is [.., var last] && last.Role == turn.Role)
            {
                merged[^1] = new ChatTurn(turn.Role, Join(last.Parts, turn.Parts));
            }
            else
            {
                merged.Add(turn);
            }
        }

        return merged.Count == Turns.Count ? null : this with { Turns = merged };
    }

    private static List<ChatPart> Join(IReadOnlyList<ChatPart> first, IReadOnlyList<ChatPart> second) =>
        first is [.., TextPart end] && second is [TextPart start, ..]
            ? [.. first.Take(first.Count - 1), new TextPart(end.Text + "\n\n" + start.Text), .. second.Skip(1)]
            : [.. first, .. second];
}
