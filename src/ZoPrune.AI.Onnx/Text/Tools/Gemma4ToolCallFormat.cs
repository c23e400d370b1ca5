using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary><c>&lt;|tool_call&gt;call:name{key:&lt;|"|&gt;text&lt;|"|&gt;,other:1}&lt;tool_call|&gt;</c>.</summary>
/// <remarks>As in Gemma 4's chat template and Google's page on function calling with it, and in vLLM's <c>gemma4_tool_parser</c>. Arguments
/// that are JSON are taken as well, and demanded where calls are required: a schema has no other form.</remarks>
internal sealed class Gemma4ToolCallFormat() : MarkedToolCallFormat(Open)
{
    private const string Open = "<|tool_call>";
    private const string Close = "<tool_call|>";
    private const string Head = "call:";

    public override string Name => "gemma4";

    public override IReadOnlyList<string> Markers => [Open, Close, Gemma4Arguments.Quote];

    public override TextGrammar CreateGrammar(IReadOnlyList<ToolDefinition> tools, bool several) => OneOrMore(
        tools,
        several,
        "",
        tool => TextGrammar.Sequence(
            TextGrammar.Token(Open), TextGrammar.Literal(Head + tool.Name), Arguments(tool), TextGrammar.Token(Close)));

    internal override bool Fits(ToolCallEvidence evidence) => evidence.Writes(Open) || evidence.Writes("<tool|>");

    protected override ToolCallMatch MatchBody(
        string text, int head, int start, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd)
    {
        if (Marker.IsBegun(text.AsSpan(start), Head))
        {
            return ToolCallMatch.Undecided;
        }

        var brace = text.IndexOf('{', start);
        var begin = text.AsSpan(start, (brace < 0 ? text.Length : brace) - start);
        if (!begin.StartsWith(Head, StringComparison.Ordinal) || begin.ContainsAny('<', '\n'))
        {
            return ToolCallMatch.Text(head);
        }

        if (brace < 0)
        {
            return ToolCallMatch.Undecided;
        }

        var name = begin[Head.Length..].Trim().ToString();
        var length = Gemma4Arguments.Read(text.AsSpan(brace), out var arguments);
        return length switch
        {
            JsonExtent.Incomplete => ToolCallMatch.Undecided,
            <= 0 => ToolCallMatch.Text(head),
            _ => Closed(text, brace + length, Close, Marker.IsName(name) ? [new ToolCall(null, name, arguments)] : [], isEnd),
        };
    }
}
