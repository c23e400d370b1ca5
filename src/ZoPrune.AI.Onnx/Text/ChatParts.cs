namespace ZoPrune.AI.Onnx.Text;

/// <summary>Puts the parts of turns together.</summary>
internal static class ChatParts
{
    /// <summary>One list of both; where a text meets a text they are one, with a separator between them.</summary>
    public static List<ChatPart> Join(IReadOnlyList<ChatPart> first, IReadOnlyList<ChatPart> second, string separator) =>
        first is [.., TextPart end] && second is [TextPart start, ..]
            ? [.. first.Take(first.Count - 1), new TextPart(end.Text + separator + start.Text), .. second.Skip(1)]
            : [.. first, .. second];
}
