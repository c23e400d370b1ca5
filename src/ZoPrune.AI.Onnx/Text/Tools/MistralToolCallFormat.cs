using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary><c>[TOOL_CALLS][{"name": …, "arguments": {…}, "id": …}]</c>, and <c>[TOOL_CALLS]name[CALL_ID]id[ARGS]{…}</c> of tokenizers from
/// version 11 on, one marker a call.</summary>
/// <remarks>As in vLLM's <c>mistral_tool_parser</c> and <c>mistral-common</c>, and the chat templates of Mistral Nemo and Mistral Small 3.2.
/// Both forms are read; which is demanded of a model depends on its tokenizer.</remarks>
/// <param name="hasArgumentsToken">Whether the tokenizer has <c>[ARGS]</c>.</param>
internal sealed class MistralToolCallFormat(bool hasArgumentsToken) : MarkedToolCallFormat(Open)
{
    private const string Open = "[TOOL_CALLS]";
    private const string CallId = "[CALL_ID]";
    private const string ArgumentsMarker = "[ARGS]";

    public override string Name => hasArgumentsToken ? "mistral-args" : "mistral";

    public override IReadOnlyList<string> Markers => [Open, CallId, ArgumentsMarker];

    public override TextGrammar CreateGrammar(IReadOnlyList<ToolDefinition> tools, bool several) => hasArgumentsToken
        ? OneOrMore(tools, several, "", tool => TextGrammar.Sequence(
            TextGrammar.Token(Open), TextGrammar.Literal(tool.Name), TextGrammar.Token(ArgumentsMarker), Arguments(tool)))
        : TextGrammar.Sequence(
            TextGrammar.Token(Open),
            TextGrammar.Literal("["),
            OneOrMore(tools, several, ", ", tool => JsonCall(tool, "arguments")),
            TextGrammar.Literal("]"));

    internal override bool Fits(ToolCallEvidence evidence) =>
        (evidence.Writes(Open) || evidence.Writes("[AVAILABLE_TOOLS]"))
        && hasArgumentsToken == (evidence.Writes(ArgumentsMarker) || evidence.HasToken(ArgumentsMarker));

    protected override ToolCallMatch MatchBody(
        string text, int head, int start, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd) =>
        text[start] is '{' || (text[start] is '[' && !text.AsSpan(start).StartsWith("[T", StringComparison.Ordinal))
            ? ToolCallJson.Match(text, start, JsonExtent.Of(text.AsSpan(start)), head)
            : MatchNamed(text, start);

    /// <summary>Tokenizers that have no text for [ARGS] leave the name before the arguments.</summary>
    private static ToolCallMatch MatchNamed(string text, int start)
    {
        var brace = text.IndexOf('{', start);
        var head = text[start..(brace < 0 ? text.Length : brace)];
        if (head.Contains(Open, StringComparison.Ordinal) || head.Contains('\n', StringComparison.Ordinal))
        {
            return ToolCallMatch.Text(Open.Length);
        }

        if (brace < 0)
        {
            return ToolCallMatch.Undecided;
        }

        head = head.TrimEnd();
        head = head.EndsWith(ArgumentsMarker, StringComparison.Ordinal) ? head[..^ArgumentsMarker.Length] : head;
        var id = head.IndexOf(CallId, StringComparison.Ordinal);
        var name = (id < 0 ? head : head[..id]).Trim();
        var length = JsonExtent.Of(text.AsSpan(brace));
        return length switch
        {
            JsonExtent.Incomplete => ToolCallMatch.Undecided,
            JsonExtent.Invalid => ToolCallMatch.Text(Open.Length),
            _ => Marker.IsName(name) && ToolCallJson.TryReadArguments(text.Substring(brace, length), out var arguments)
                ? ToolCallMatch.Of(
                    brace + length, [new ToolCall(id < 0 ? null : head[(id + CallId.Length)..].Trim(), name, arguments)])
                : ToolCallMatch.Text(brace + length),
        };
    }
}
