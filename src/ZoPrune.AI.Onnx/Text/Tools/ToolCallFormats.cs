namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>The formats that are known.</summary>
public static class ToolCallFormats
{
    /// <summary>
    /// <c>qwen</c>: <c>&lt;tool_call&gt;{"name": …, "arguments": {…}}&lt;/tool_call&gt;</c>, also with the elements
    /// <c>&lt;function=…&gt;</c> and <c>&lt;parameter=…&gt;</c> of newer models. Qwen, Hermes and what was trained like them.
    /// </summary>
    public static ToolCallFormat Qwen { get; } = new QwenToolCallFormat();

    /// <summary><c>mistral</c>: <c>[TOOL_CALLS][{"name": …, "arguments": {…}}]</c>. Reads what <see cref="MistralArguments"/> writes as
    /// well.</summary>
    public static ToolCallFormat Mistral { get; } = new MistralToolCallFormat(hasArgumentsToken: false);

    /// <summary><c>mistral-args</c>: <c>[TOOL_CALLS]name[ARGS]{…}</c> of newer tokenizers. Reads what <see cref="Mistral"/> writes as
    /// well.</summary>
    public static ToolCallFormat MistralArguments { get; } = new MistralToolCallFormat(hasArgumentsToken: true);

    /// <summary><c>phi4</c>: <c>&lt;|tool_call|&gt;[{"name": …, "arguments": {…}}]&lt;|/tool_call|&gt;</c>.</summary>
    public static ToolCallFormat Phi4 { get; } = new Phi4ToolCallFormat();

    /// <summary><c>gemma4</c>: <c>&lt;|tool_call&gt;call:name{key:…}&lt;tool_call|&gt;</c>.</summary>
    public static ToolCallFormat Gemma4 { get; } = new Gemma4ToolCallFormat();

    /// <summary><c>llama3</c>: <c>{"name": …, "parameters": {…}}</c> at the beginning of a line, perhaps behind
    /// <c>&lt;|python_tag|&gt;</c>.</summary>
    public static ToolCallFormat Llama3 { get; } = new Llama3ToolCallFormat();

    /// <summary><c>json</c>: a JSON object or array of <c>{"name": …, "parameters": {…}}</c>, in a fence or at the beginning of a line, as
    /// Gemma 3 is asked to. What a template that writes tools has when nothing in it marks calls.</summary>
    public static ToolCallFormat Json { get; } = new JsonToolCallFormat();

    /// <summary>All of them; the first that fits a folder is the folder's.</summary>
    public static IReadOnlyList<ToolCallFormat> All { get; } = [Gemma4, Phi4, MistralArguments, Mistral, Qwen, Llama3, Json];

    /// <summary>The format of a name, in any case.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists the names.</exception>
    public static ToolCallFormat Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return All.FirstOrDefault(format => string.Equals(format.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException(
                $"There is no format of tool calls '{name}'; known are {string.Join(", ", All.Select(format => format.Name))}.");
    }

    /// <summary>The format of a folder whose template writes tools; null if it speaks of calls in a way that is not known.</summary>
    internal static ToolCallFormat? Find(ToolCallEvidence evidence) => All.FirstOrDefault(format => format.Fits(evidence));
}
