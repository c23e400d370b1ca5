using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary><c>&lt;|tool_call|&gt;[{"name": …, "arguments": {…}}]&lt;|/tool_call|&gt;</c>.</summary>
/// <remarks>As on the model cards of Phi-4-mini and Phi-4-multimodal. The markers are special tokens; a call without its end is taken if the
/// array is whole. <c>functools[…]</c>, which vLLM's <c>phi4mini_tool_parser</c> looks for, is read as well.</remarks>
internal sealed class Phi4ToolCallFormat() : MarkedToolCallFormat(Open, Functools)
{
    private const string Open = "<|tool_call|>";
    private const string Functools = "functools[";
    private const string Close = "<|/tool_call|>";

    public override string Name => "phi4";

    public override IReadOnlyList<string> Markers => [Open, Close];

    public override TextGrammar CreateGrammar(IReadOnlyList<ToolDefinition> tools, bool several) => TextGrammar.Sequence(
        TextGrammar.Token(Open),
        TextGrammar.Literal("["),
        OneOrMore(tools, several, ", ", tool => JsonCall(tool, "arguments")),
        TextGrammar.Literal("]"),
        TextGrammar.Token(Close));

    internal override bool Fits(ToolCallEvidence evidence) =>
        evidence.Writes(Open) || (evidence.Writes("<|tool|>") && evidence.HasToken(Open));

    protected override ToolCallMatch MatchBody(
        string text, int head, int start, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd)
    {
        // The bracket is the array's.
        start = text.StartsWith(Functools, StringComparison.Ordinal) ? head - 1 : start;
        var length = JsonExtent.Of(text.AsSpan(start));
        return length switch
        {
            JsonExtent.Incomplete => ToolCallMatch.Undecided,
            <= 0 => ToolCallMatch.Text(head),
            _ => Closed(text, start + length, Close, ToolCallJson.Read(text.Substring(start, length)), isEnd),
        };
    }
}
