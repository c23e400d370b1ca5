using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary><c>{"name": …, "parameters": {…}}</c> at the beginning of a line, perhaps behind <c>&lt;|python_tag|&gt;</c>; several are
/// separated by <c>;</c>.</summary>
/// <remarks>As in the chat templates of Llama 3.1 to 3.3 and vLLM's <c>llama_tool_parser</c>. Without the tag nothing marks a call: what
/// names no tool, or has no arguments, is text.</remarks>
internal sealed class Llama3ToolCallFormat : ToolCallFormat
{
    private const string Tag = "<|python_tag|>";

    public override string Name => "llama3";

    public override IReadOnlyList<string> Markers => [Tag];

    public override int FindStart(ReadOnlySpan<char> text, bool isLineStart) =>
        Marker.First(Marker.Find(text, Tag), Marker.FindLine(text, isLineStart, c => c is '{' or ';'));

    public override ToolCallMatch Match(string text, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd)
    {
        if (Marker.IsBegun(text, Tag))
        {
            return ToolCallMatch.Undecided;
        }

        var head = text[0] switch
        {
            ';' => 1,
            '<' => Tag.Length,
            _ => 0,
        };
        var start = Marker.SkipSpace(text, head);
        if (start == text.Length)
        {
            return ToolCallMatch.Undecided;
        }

        var length = text[start] == '{' ? JsonExtent.Of(text.AsSpan(start)) : JsonExtent.Invalid;
        return ToolCallJson.Match(text, start, length, Math.Max(head, 1), text[0] == '<' ? null : tools);
    }

    public override TextGrammar CreateGrammar(IReadOnlyList<ToolDefinition> tools, bool several) =>
        OneOrMore(tools, several, "; ", tool => JsonCall(tool, "parameters"));

    internal override bool Fits(ToolCallEvidence evidence) => evidence.Writes(Tag)
        || (evidence.Writes("<|start_header_id|>") && !evidence.HasUnknownMarker);
}
