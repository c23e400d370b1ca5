using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>A JSON object or array of <c>{"name": …, "parameters": {…}}</c>, in a fence or at the beginning of a line.</summary>
/// <remarks>As Google's page on function calling with Gemma 3 asks for; fences are what the model puts around it. Nothing marks a call: what
/// names no tool, or has no arguments, is text, and so is a fence with anything else in it, as a whole.</remarks>
internal sealed class JsonToolCallFormat : ToolCallFormat
{
    private const string Fence = "```";

    private static readonly string[] s_languages = ["json", "tool_code", "tool_call", "tool_calls"];

    public override string Name => "json";

    public override int FindStart(ReadOnlySpan<char> text, bool isLineStart) =>
        Marker.FindLine(text, isLineStart, c => c is '{' or '[' or '`');

    public override ToolCallMatch Match(string text, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd)
    {
        if (text[0] == '`')
        {
            return MatchFence(text, tools, isEnd);
        }

        return ToolCallJson.Match(text, 0, Extent(text), head: 1, tools);
    }

    public override TextGrammar CreateGrammar(IReadOnlyList<ToolDefinition> tools, bool several) =>
        OneOrMore(tools, several, "\n", tool => JsonCall(tool, "parameters"));

    internal override bool Fits(ToolCallEvidence evidence) => !evidence.HasUnknownMarker;

    private static ToolCallMatch MatchFence(string text, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd)
    {
        if (Marker.IsBegun(text, Fence))
        {
            return ToolCallMatch.Undecided;
        }

        var line = text.IndexOf('\n', StringComparison.Ordinal);
        var language = text.AsSpan(0, line < 0 ? text.Length : line).TrimStart('`').Trim();
        if (!text.StartsWith(Fence, StringComparison.Ordinal) || language.Contains('`'))
        {
            return ToolCallMatch.Text(1);
        }

        if (line < 0)
        {
            return ToolCallMatch.Undecided;
        }

        var close = FindFence(text, line + 1);
        if (close < 0 && !isEnd)
        {
            return ToolCallMatch.Undecided;
        }

        var body = text[(line + 1)..(close < 0 ? text.Length : close)];
        var end = close < 0 ? text.Length : close + Fence.Length;
        var isJson = language.IsEmpty || s_languages.Contains(language.ToString());
        return isJson && ReadBody(body, tools) is { Count: > 0 } calls ? ToolCallMatch.Of(end, calls) : ToolCallMatch.Text(end);
    }

    /// <summary>Where the first line is that begins with a fence; -1 if none does.</summary>
    private static int FindFence(string text, int start)
    {
        while (true)
        {
            var line = Marker.SkipSpace(text, start);
            if (text.AsSpan(line).StartsWith(Fence, StringComparison.Ordinal))
            {
                return line;
            }

            start = text.IndexOf('\n', line) + 1;
            if (start == 0)
            {
                return -1;
            }
        }
    }

    /// <summary>One value or several; none if there is anything else.</summary>
    private static List<ToolCall> ReadBody(string body, IReadOnlyDictionary<string, ToolDefinition> tools)
    {
        var calls = new List<ToolCall>();
        for (var at = Marker.SkipSpace(body, 0); at < body.Length;)
        {
            var length = JsonExtent.Of(body.AsSpan(at));
            List<ToolCall> read = length > 0 ? ToolCallJson.Read(body.Substring(at, length), tools) : [];
            if (read.Count == 0)
            {
                return [];
            }

            calls.AddRange(read);
            at = Marker.SkipSpace(body, at + length);
        }

        return calls;
    }

    /// <summary>Decides early about what cannot be calls: lists of other things than objects, braces of other languages.</summary>
    private static int Extent(string text)
    {
        var inner = 0;
        foreach (var expected in text[0] == '[' ? "[{\"" : "{\"")
        {
            if (inner == text.Length)
            {
                return JsonExtent.Incomplete;
            }

            if (text[inner] != expected)
            {
                return JsonExtent.Invalid;
            }

            inner = Marker.SkipSpace(text, inner + 1);
        }

        return JsonExtent.Of(text);
    }
}
