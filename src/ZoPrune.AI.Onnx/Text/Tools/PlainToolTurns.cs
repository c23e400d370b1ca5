namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Writes calls and their results as text of the assistant and the user.</summary>
internal static class PlainToolTurns
{
    /// <summary>The role of a result.</summary>
    public const string ToolRole = "tool";

    private const string Line = "\n";

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
                plain[^1] = plain[^1] with { Parts = ChatParts.Join(plain[^1].Parts, turn.Parts, Line) };
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
        return new ChatTurn(turn.Role, ChatParts.Join(turn.Parts, [new TextPart(lines)], Line));
    }
}
