using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary><c>&lt;tool_call&gt;{"name": …, "arguments": {…}}&lt;/tool_call&gt;</c>, and the elements of Qwen 3 Coder and Qwen 3.5 in the
/// same marker.</summary>
/// <remarks>
/// As in the chat templates of Qwen 2.5 and Hermes 2 Pro, and vLLM's <c>hermes_tool_parser</c> and <c>qwen3coder_tool_parser</c>. Like these
/// it takes a call whose end is missing, if the call itself is whole, several in one marker, and elements without the marker.
/// </remarks>
internal sealed class QwenToolCallFormat() : MarkedToolCallFormat(Open, FunctionElements.Function)
{
    private const string Open = "<tool_call>";
    private const string Close = "</tool_call>";

    public override string Name => "qwen";

    public override IReadOnlyList<string> Markers => [Open, Close];

    /// <remarks>The arguments are JSON, also for models that were trained on elements: a schema has no other form.</remarks>
    public override TextGrammar CreateGrammar(IReadOnlyList<ToolDefinition> tools, bool several) => OneOrMore(
        tools,
        several,
        "\n",
        tool => TextGrammar.Sequence(
            TextGrammar.Token(Open), TextGrammar.Literal("\n"), JsonCall(tool, "arguments"), TextGrammar.Literal("\n"), TextGrammar.Token(Close)));

    /// <remarks>GLM writes arguments as elements of another kind in the same marker.</remarks>
    internal override bool Fits(ToolCallEvidence evidence) => evidence.Writes(Open) && !evidence.Writes("<arg_key>");

    /// <summary>One call or, as models write, several.</summary>
    protected override ToolCallMatch MatchBody(
        string text, int head, int start, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd)
    {
        var calls = new List<ToolCall>();
        var end = text.StartsWith(Open, StringComparison.Ordinal) ? start : 0;
        while (true)
        {
            var next = Marker.SkipSpace(text, end);
            var (length, read) = next < text.Length && text[next] == '{'
                ? ReadJson(text, next)
                : FunctionElements.Read(text, next, tools);
            if (length == JsonExtent.Incomplete && !isEnd)
            {
                return ToolCallMatch.Undecided;
            }

            if (length <= 0 || read.Count == 0)
            {
                return calls.Count > 0
                    ? WithoutBrace(text, end, calls, isEnd)
                    : length > 0 ? Closed(text, next + length, Close, [], isEnd) : ToolCallMatch.Text(head);
            }

            calls.AddRange(read);
            end = next + length;
        }
    }

    /// <summary>The end of the calls; one brace too many before it is swallowed.</summary>
    private static ToolCallMatch WithoutBrace(string text, int end, List<ToolCall> calls, bool isEnd)
    {
        var brace = Marker.SkipSpace(text, end);
        if (brace < text.Length && text[brace] == '}')
        {
            var rest = text.AsSpan(Marker.SkipSpace(text, brace + 1));
            if (!isEnd && Marker.IsBegun(rest, Close))
            {
                return ToolCallMatch.Undecided;
            }

            end = rest.IsEmpty || rest.StartsWith(Close, StringComparison.Ordinal) ? brace + 1 : end;
        }

        return Closed(text, end, Close, calls, isEnd);
    }

    private static (int Length, List<ToolCall> Calls) ReadJson(string text, int start)
    {
        var length = JsonExtent.Of(text.AsSpan(start));
        return (length, length > 0 ? ToolCallJson.Read(text.Substring(start, length)) : []);
    }
}
