using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Generation;

/// <summary>What a call's <see cref="ChatOptions"/> say about tools, checked and copied.</summary>
/// <remarks>
/// With <see cref="ChatToolMode.None"/> tools are neither told to the model nor read from its answer: a model that knows of a tool may write
/// a call all the same, and nobody would take it for one.
/// </remarks>
internal sealed record ToolSettings
{
    private ToolSettings(IReadOnlyList<ToolDefinition> tools) => Tools = tools;

    /// <summary>The tools that the model is told of.</summary>
    public IReadOnlyList<ToolDefinition> Tools { get; }

    /// <summary>The tools of which the answer must call one; none: the model is free.</summary>
    public IReadOnlyList<ToolDefinition> Required { get; private init; } = [];

    /// <summary>Whether the answer may call more than one tool; <see langword="null"/>: if it is the model's own choice.</summary>
    public bool? AllowMultiple { get; private init; }

    /// <param name="options">The options of the call.</param>
    /// <returns>The settings; <see langword="null"/> if the call is not about tools.</returns>
    /// <exception cref="NotSupportedException">
    /// A tool is of a kind that only a service can run, or stop sequences stand beside a required call.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// A tool is <see langword="null"/> or without a name, two have one name, or the tool that is required is not among them.
    /// </exception>
    public static ToolSettings? Create(ChatOptions options)
    {
        if (options.ToolMode is NoneChatToolMode)
        {
            return null;
        }

        var tools = ReadTools(options.Tools ?? []);
        var required = options.ToolMode as RequiredChatToolMode;
        if (tools.Count == 0)
        {
            return required is null
                ? null
                : throw new ArgumentException("ChatOptions.ToolMode requires a call of a tool, but ChatOptions.Tools has none.");
        }

        if (required is not null && options.StopSequences is { Count: > 0 })
        {
            throw new NotSupportedException(
                "A stop sequence could cut a required call short. Leave ChatOptions.StopSequences empty beside a ChatOptions.ToolMode that "
                + "requires a call: the answer ends where the call does.");
        }

        return new ToolSettings(tools)
        {
            AllowMultiple = options.AllowMultipleToolCalls,
            Required = required switch
            {
                null => [],
                { RequiredFunctionName: { } name } =>
                [
                    tools.FirstOrDefault(tool => tool.Name == name) ?? throw new ArgumentException(
                        $"ChatOptions.ToolMode requires a call of '{name}', which is not in ChatOptions.Tools "
                        + $"({string.Join(", ", tools.Select(tool => tool.Name))})."),
                ],
                _ => tools,
            },
        };
    }

    private static List<ToolDefinition> ReadTools(IList<AITool> tools)
    {
        var definitions = new List<ToolDefinition>(tools.Count);
        for (var i = 0; i < tools.Count; i++)
        {
            var tool = tools[i] ?? throw new ArgumentException($"ChatOptions.Tools[{i}] is null.");
            if (tool is not AIFunctionDeclaration function)
            {
                throw new NotSupportedException(
                    $"ChatOptions.Tools[{i}] is a {tool.GetType().Name} ('{tool.Name}'), which only a service can run. A local model calls functions "
                    + $"({nameof(AIFunction)}, {nameof(AIFunctionDeclaration)}).");
            }

            if (string.IsNullOrEmpty(function.Name))
            {
                throw new ArgumentException($"ChatOptions.Tools[{i}] has no name.");
            }

            if (definitions.Exists(other => other.Name == function.Name))
            {
                throw new ArgumentException($"ChatOptions.Tools has two tools of the name '{function.Name}'.");
            }

            definitions.Add(new ToolDefinition(function.Name, function.Description, function.JsonSchema));
        }

        return definitions;
    }
}
