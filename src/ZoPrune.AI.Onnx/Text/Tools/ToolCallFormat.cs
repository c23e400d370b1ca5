using System.Text.Json;
using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Constraints;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>How a family of models writes calls of tools into its answers.</summary>
/// <remarks>
/// A format has no state: it says where a call may begin and what stands there; <see cref="ToolCallParser"/> does the streaming. What a
/// format says of the beginning of a text must hold whatever follows. Thread-safe. The known ones are in
/// <see cref="ToolCallFormats"/>.
/// </remarks>
public abstract class ToolCallFormat
{
    /// <summary>The name, for configuration and messages.</summary>
    public abstract string Name { get; }

    /// <summary>The control tokens of the format, as they are written: they are shown to it even where they are special and so have no
    /// text.</summary>
    public virtual IReadOnlyList<string> Markers => [];

    /// <summary>Finds where a call begins, or, at the end of the text, may begin.</summary>
    /// <param name="text">Text of an answer.</param>
    /// <param name="isLineStart">Whether the text begins a line, the answer, or comes right behind a call.</param>
    /// <returns>The index in <paramref name="text"/>; negative if no call begins there.</returns>
    public abstract int FindStart(ReadOnlySpan<char> text, bool isLineStart);

    /// <summary>Reads what begins with the text.</summary>
    /// <param name="text">The text from where a call may begin up to where the answer is known.</param>
    /// <param name="tools">The tools by name. Where nothing else marks a call, what names none of them is no call; where something does, a
    /// call of an unknown tool is one: whoever runs it answers that there is no such tool.</param>
    /// <param name="isEnd">Whether the answer ends with the text.</param>
    /// <returns>Calls or text, or that more must be known. No text is malformed: what is no call is text.</returns>
    public abstract ToolCallMatch Match(string text, IReadOnlyDictionary<string, ToolDefinition> tools, bool isEnd);

    /// <summary>The texts that are calls of tools and nothing else, their arguments valid by the tools' schemas.</summary>
    /// <param name="tools">The tools that may be called, at least one.</param>
    /// <param name="several">Whether there may be more than one call.</param>
    /// <exception cref="NotSupportedException">A schema has a keyword that is not supported; the message names it.</exception>
    public abstract TextGrammar CreateGrammar(IReadOnlyList<ToolDefinition> tools, bool several);

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>Whether a folder whose template writes tools has this format.</summary>
    internal virtual bool Fits(ToolCallEvidence evidence) => false;

    /// <summary>Any one of the tools, or a sequence of them.</summary>
    private protected static TextGrammar OneOrMore(
        IReadOnlyList<ToolDefinition> tools, bool several, string separator, Func<ToolDefinition, TextGrammar> call)
    {
        ArgumentNullException.ThrowIfNull(tools);
        ArgumentOutOfRangeException.ThrowIfZero(tools.Count, nameof(tools));
        var any = tools.Count == 1 ? call(tools[0]) : TextGrammar.AnyOf([.. tools.Select(call)]);
        return several
            ? TextGrammar.Sequence(any, TextGrammar.Repeat(
                separator.Length == 0 ? any : TextGrammar.Sequence(TextGrammar.Literal(separator), any), 0))
            : any;
    }

    /// <summary><c>{"name": …, KEY: {…}}</c>.</summary>
    private protected static TextGrammar JsonCall(ToolDefinition tool, string key) => TextGrammar.Sequence(
        TextGrammar.Literal($$"""{"name": {{ToolCallJson.Quote(tool.Name)}}, "{{key}}": """),
        Arguments(tool),
        TextGrammar.Literal("}"));

    /// <summary>The arguments of a tool, as a JSON object.</summary>
    private protected static TextGrammar Arguments(ToolDefinition tool)
    {
        if (tool.Parameters.ValueKind != JsonValueKind.Object
            || !tool.Parameters.TryGetProperty("type", out var type)
            || type.ValueKind != JsonValueKind.String
            || !type.ValueEquals("object"))
        {
            return TextGrammar.Json();
        }

        try
        {
            return TextGrammar.JsonSchema(Close(tool.Parameters));
        }
        catch (NotSupportedException e)
        {
            throw new NotSupportedException($"The arguments of the tool '{tool.Name}' cannot be required: {e.Message}", e);
        }
    }

    /// <summary>A schema says nothing of arguments that it does not name; nobody could do anything with them.</summary>
    private static JsonElement Close(JsonElement schema)
    {
        string[] others = ["additionalProperties", "patternProperties", "$ref", "allOf", "anyOf", "oneOf"];
        if (others.Any(keyword => schema.TryGetProperty(keyword, out _)))
        {
            // The arguments may be named elsewhere.
            return schema;
        }

        var closed = JsonNode.Parse(schema.GetRawText())!.AsObject();
        closed["additionalProperties"] = false;
        using var document = JsonDocument.Parse(closed.ToJsonString());
        return document.RootElement.Clone();
    }
}
