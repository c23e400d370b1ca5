namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Calls that begin with a marker of their own, so that nothing else can be meant.</summary>
/// <param name="open">The marker.</param>
internal abstract class MarkedToolCallFormat(string open) : ToolCallFormat
{
    public sealed override int FindStart(ReadOnlySpan<char> text, bool isLineStart) => Marker.Find(text, open);

    public sealed override ToolCallMatch Match(string text, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd)
    {
        if (Marker.IsBegun(text, open))
        {
            return ToolCallMatch.Undecided;
        }

        var start = Marker.SkipSpace(text, open.Length);
        return start == text.Length ? ToolCallMatch.Undecided : MatchBody(text, start, tools, isEnd);
    }

    /// <summary>Reads what stands behind the marker.</summary>
    /// <param name="text">The text, from the marker on.</param>
    /// <param name="start">Where the first character is that is no space.</param>
    /// <param name="tools">The tools of the request.</param>
    /// <param name="isEnd">Whether nothing more comes.</param>
    protected abstract ToolCallMatch MatchBody(string text, int start, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd);

    /// <summary>A body that was read, with the marker that closes it; models leave that out.</summary>
    protected static ToolCallMatch Closed(string text, int bodyEnd, string close, IReadOnlyList<ToolCall> calls, bool isEnd)
    {
        var end = Marker.SkipSpace(text, bodyEnd);
        if (!isEnd && Marker.IsBegun(text.AsSpan(end), close))
        {
            return ToolCallMatch.Undecided;
        }

        end = text.AsSpan(end).StartsWith(close, StringComparison.Ordinal) ? end + close.Length : bodyEnd;
        return calls.Count > 0 ? ToolCallMatch.Of(end, calls) : ToolCallMatch.Text(end);
    }
}
