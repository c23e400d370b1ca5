namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Writes calls and their results as text of the assistant and the user.</summary>
internal static class PlainToolTurns
{
    /// <summary>The role of a result.</summary>
    public const string ToolRole = "tool";

    public static IReadOnlyList<ChatTurn> Of(IReadOnlyList<ChatTurn> turns)
    {
        if (!turns.Any(IsAboutTools))
        {
            return turns;
        }

        var plain = new List<ChatTurn>();
        var isBehindResult = false;
        foreach (var turn in turns)
        {
            var isResult = turn.Role == ToolRole;
            if (isResult && isBehindResult)
            {
                plain[^1] = plain[^1] with { Parts = Join(plain[^1].Parts, turn.Parts) };
            }
            else if (isResult)
            {
                plain.Add(new ChatTurn("user", turn.Parts));
            }
            else
            {
                plain.Add(WriteCalls(turn));
            }

            isBehindResult = isResult;
        }

        return plain;
    }

    /// <summary>Whether a turn calls tools or is what one returned.</summary>
    public static bool IsAboutTools(ChatTurn turn) => turn.Role == ToolRole || turn.ToolCalls.Count > 0;

    private static ChatTurn WriteCalls(ChatTurn turn)
    {
        if (turn.ToolCalls.Count == 0)
        {
            return turn;
        }

        var lines = string.Join('\n', turn.ToolCalls.Select(call => $"{call.Name}({ToolCallJson.Write(call.Arguments)})"));
        return new ChatTurn(turn.Role, Join(turn.Parts, [new TextPart(lines)]));
    }

    /// <summary>Texts that meet are lines of their own.</summary>
    private static List<ChatPart> Join(IReadOnlyList<ChatPart> first, IReadOnlyList<ChatPart> second) =>
        first is [.., TextPart end] && second is [TextPart start, ..]
            ? [.. first.Take(first.Count - 1), new TextPart(end.Text + "\n" + start.Text), .. second.Skip(1)]
            : [.. first, .. second];
}
