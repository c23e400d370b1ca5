namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Calls that begin with a marker of their own, so that nothing else can be meant.</summary>
/// <remarks>A well-formed call is one whatever tool it names: whoever runs it tells the model that there is no such tool.</remarks>
/// <param name="opens">The markers, of which none begins another.</param>
internal abstract class MarkedToolCallFormat(params string[] opens) : ToolCallFormat
{
    public sealed override int FindStart(ReadOnlySpan<char> text, bool isLineStart)
    {
        var start = -1;
        foreach (var open in opens)
        {
            start = Marker.First(start, Marker.Find(text, open));
        }

        return start;
    }

    public sealed override ToolCallMatch Match(string text, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd)
    {
        if (Array.Find(opens, marker => text.StartsWith(marker, StringComparison.Ordinal)) is not { } open)
        {
            return Array.Exists(opens, marker => Marker.IsBegun(text, marker)) ? ToolCallMatch.Undecided : ToolCallMatch.Text(1);
        }

        var start = Marker.SkipSpace(text, open.Length);
        return start == text.Length ? ToolCallMatch.Undecided : MatchBody(text, open.Length, start, tools, isEnd);
    }

    /// <summary>Reads what stands behind the marker.</summary>
    /// <param name="text">The text, from the marker on.</param>
    /// <param name="head">The length of the marker.</param>
    /// <param name="start">Where the first character is that is no space.</param>
    /// <param name="tools">The tools of the request.</param>
    /// <param name="isEnd">Whether nothing more comes.</param>
    protected abstract ToolCallMatch MatchBody(
        string text, int head, int start, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd);

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
