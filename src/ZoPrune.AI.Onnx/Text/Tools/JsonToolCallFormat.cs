using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>A JSON object or array of <c>{"name": …, "parameters": {…}}</c>, in a fence or at the beginning of a line.</summary>
/// <remarks>As Google's page on function calling with Gemma 3 asks for; fences are what the model puts around it. Nothing marks a call: what
/// names no tool, or has no arguments, is text.</remarks>
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

        return ToolCallJson.Match(text, 0, Extent(text, 0), head: 1, tools, needsArguments: true);
    }

    public override TextGrammar CreateGrammar(IReadOnlyList<ToolDefinition> tools, bool several) =>
        OneOrMore(tools, several, "\n", tool => JsonCall(tool, "parameters"));

    internal override bool Fits(ToolCallEvidence evidence) => true;

    private static ToolCallMatch MatchFence(string text, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd)
    {
        if (Marker.IsBegun(text, Fence))
        {
            return ToolCallMatch.Undecided;
        }

        if (!text.StartsWith(Fence, StringComparison.Ordinal))
        {
            return ToolCallMatch.Text(1);
        }

        var line = text.IndexOf('\n', StringComparison.Ordinal);
        var language = text[Fence.Length..(line < 0 ? text.Length : line)].TrimEnd();
        if (!s_languages.Any(known => line < 0 ? known.StartsWith(language, StringComparison.Ordinal) : known == language) && language.Length > 0)
        {
            return ToolCallMatch.Text(Fence.Length);
        }

        return line < 0 ? ToolCallMatch.Undecided : MatchBody(text, line + 1, tools, isEnd);
    }

    /// <summary>One value or several, and the end of the fence, which may be missing where the answer ends.</summary>
    private static ToolCallMatch MatchBody(string text, int body, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd)
    {
        var calls = new List<ToolCall>();
        var at = body;
        while (true)
        {
            var start = Marker.SkipSpace(text, at);
            var rest = text.AsSpan(start);
            if (rest.StartsWith(Fence, StringComparison.Ordinal) || (isEnd && rest.IsEmpty))
            {
                return calls.Count > 0
                    ? ToolCallMatch.Of(rest.IsEmpty ? at : start + Fence.Length, calls)
                    : ToolCallMatch.Text(Fence.Length);
            }

            if (Marker.IsBegun(rest, Fence))
            {
                return isEnd ? ToolCallMatch.Text(text.Length) : ToolCallMatch.Undecided;
            }

            var length = Extent(text, start);
            if (length == JsonExtent.Incomplete)
            {
                return ToolCallMatch.Undecided;
            }

            if (length == JsonExtent.Invalid)
            {
                return ToolCallMatch.Text(body - 1);
            }

            var read = ToolCallJson.Read(text.Substring(start, length), tools, needsArguments: true);
            if (read.Count == 0)
            {
                return ToolCallMatch.Text(start + length);
            }

            calls.AddRange(read);
            at = start + length;
        }
    }

    /// <summary>Decides early about what cannot be calls: lists of other things than objects, braces of other languages.</summary>
    private static int Extent(string text, int start)
    {
        if (start == text.Length)
        {
            return JsonExtent.Incomplete;
        }

        var inner = start;
        foreach (var expected in text[start] == '[' ? "[{\"" : "{\"")
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

        return JsonExtent.Of(text.AsSpan(start));
    }
}
