using ZoPrune.AI.Content;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Conversation;

/// <summary>The turns of a request and the images that they show, in the order of their first appearance.</summary>
internal sealed record ChatConversation(IReadOnlyList<ChatTurn> Turns, IReadOnlyList<ImageSource> Images)
{
    public ChatPrompt ToPrompt() => new(Turns);

    /// <summary>
    /// The prompts to try one after the other until the model's template takes one: as it was sent; with neighbours of one role merged,
    /// because many templates demand that roles alternate; then both with calls and results as text.
    /// </summary>
    public IEnumerable<ChatPrompt> ToPrompts(VisionLanguageModel model, IReadOnlyList<ToolDefinition> tools)
    {
        var arranged = model.ArrangePrompt(new ChatPrompt(Turns) { Tools = tools });
        var plain = arranged.Turns.Any(turn => turn.Role == "tool" || turn.ToolCalls.Count > 0)
            ? new ChatPrompt(Turns) { Tools = tools }.WithoutToolTurns()
            : null;
        foreach (var prompt in plain is null ? [arranged] : new[] { arranged, plain })
        {
            yield return prompt;
            if ((this with { Turns = prompt.Turns }).Merge() is { } merged)
            {
                yield return new ChatPrompt(merged.Turns) { Tools = tools };
            }
        }
    }

    /// <summary>
    /// The same conversation with neighbouring turns of one role made one, for templates that demand that roles alternate;
    /// <see langword="null"/> if there are none. Results of functions stay apart: each answers a call of its own.
    /// </summary>
    public ChatConversation? Merge()
    {
        var merged = new List<ChatTurn>();
        foreach (var turn in Turns)
        {
            if (merged is [.., { ToolCalls.Count: 0 } last] && last.Role == turn.Role && turn.Role != "tool")
            {
                merged[^1] = turn with { Parts = Join(last.Parts, turn.Parts) };
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
