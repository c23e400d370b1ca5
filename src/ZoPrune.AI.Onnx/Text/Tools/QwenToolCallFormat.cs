using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary><c>&lt;tool_call&gt;{"name": …, "arguments": {…}}&lt;/tool_call&gt;</c>, and the elements of Qwen 3 Coder and Qwen 3.5 in the
/// same marker.</summary>
/// <remarks>
/// As in the chat templates of Qwen 2.5 and Hermes 2 Pro, and vLLM's <c>hermes_tool_parser</c> and <c>qwen3coder_tool_parser</c>. Like these
/// it takes a call whose end is missing, if the call itself is whole.
/// </remarks>
internal sealed class QwenToolCallFormat() : MarkedToolCallFormat(Open)
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

    internal override bool Fits(ToolCallEvidence evidence) => evidence.Writes(Open);

    protected override ToolCallMatch MatchBody(string text, int start, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd)
    {
        var (length, calls) = text[start] == '{' ? ReadJson(text, start, tools) : FunctionElements.Read(text, start, tools);
        return length switch
        {
            JsonExtent.Incomplete => ToolCallMatch.Undecided,
            JsonExtent.Invalid => ToolCallMatch.Text(Open.Length),
            _ => Closed(text, start + length, Close, calls, isEnd),
        };
    }

    private static (int Length, List<ToolCall> Calls) ReadJson(string text, int start, IReadOnlyDictionary<string, ToolDefinition> tools)
    {
        var length = JsonExtent.Of(text.AsSpan(start));
        return (length, length > 0 ? ToolCallJson.Read(text.Substring(start, length), tools) : []);
    }
}
