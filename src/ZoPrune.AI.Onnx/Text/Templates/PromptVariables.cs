using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Defines the variables that chat templates expect.</summary>
internal static class PromptVariables
{
    public static void Define(RenderContext context, ChatPrompt prompt, ChatTemplateVariables variables)
    {
        var scope = context.Scope;
        foreach (var (name, value) in variables.Extra)
        {
            scope.Set(name, JsonValues.From(value, isUser: false, context));
        }

        var messages = prompt.Turns.Select(turn => Message(turn, variables, context)).ToArray();
        if (variables is { ToolsInSystemTurn: true, Tools: { } list })
        {
            var systemTurn = prompt.Turns.ToList().FindIndex(turn => turn.Role == "system");
            if (systemTurn >= 0)
            {
                messages[systemTurn].Entries[TextValue.Template("tools")] = FunctionList(list, context);
            }
        }

        scope.Set("messages", new ListValue(messages));
        scope.Set("add_generation_prompt", BooleanValue.Of(variables.AddGenerationPrompt));
        if (variables.BosToken is { } bos)
        {
            scope.Set("bos_token", TextValue.Template(bos));
        }

        if (variables.EosToken is { } eos)
        {
            scope.Set("eos_token", TextValue.Template(eos));
        }

        // Without tools the variable is none, not undefined: templates ask "tools is not none".
        if (variables is { ToolsInSystemTurn: false, Tools: { } tools })
        {
            scope.Set("tools", JsonValues.From(tools, isUser: true, context));
        }
        else if (scope.Find("tools") is null)
        {
            scope.Set("tools", NoneValue.Instance);
        }
    }

    private static DictionaryValue Message(ChatTurn turn, ChatTemplateVariables variables, RenderContext context)
    {
        var message = Dictionary(
            context,
            ("role", TextValue.Template(turn.Role)),
            ("content", IsList(turn, variables) ? Items(turn, context) : Text(turn, variables, context)));
        if (turn.ToolCalls.Count > 0)
        {
            message.Entries[TextValue.Template("tool_calls")] =
                new ListValue([.. turn.ToolCalls.Select(call => Call(call, variables, context))]);
        }

        if (turn.ToolName is { } name)
        {
            message.Entries[TextValue.Template("name")] = TextValue.User(name);
        }

        if (turn.ToolCallId is { } id)
        {
            message.Entries[TextValue.Template("tool_call_id")] = TextValue.User(id);
        }

        return message;
    }

    private static bool IsList(ChatTurn turn, ChatTemplateVariables variables)
    {
        var hasImage = turn.Parts.Any(part => part is ImagePart);
        var form = turn.Role == PlainToolTurns.ToolRole && variables.ToolTurns is { } results
            ? hasImage ? results.ImageForm ?? results.ResultForm : results.ResultForm
            : variables.ContentForm;
        return form switch
        {
            ContentForm.List => true,
            ContentForm.String => false,
            _ => hasImage,
        };
    }

    private static DictionaryValue Call(ToolCall call, ChatTemplateVariables variables, RenderContext context)
    {
        var arguments = JsonValues.From(call.Arguments, isUser: true, context);
        var entry = Dictionary(
            context,
            ("type", TextValue.Template("function")),
            ("function", Dictionary(
                context,
                ("name", TextValue.User(call.Name)),
                ("arguments", variables.ToolTurns is { ArgumentsAsText: true } ? Json(arguments, context) : arguments))));
        if (call.Id is { } id)
        {
            entry.Entries[TextValue.Template("id")] = TextValue.User(id);
        }

        return entry;
    }

    /// <summary>The functions of a list of tools, without OpenAI's wrapping.</summary>
    private static TextValue FunctionList(JsonArray tools, RenderContext context) =>
        Json(JsonValues.From(new JsonArray([.. tools.Select(tool => tool!["function"]!.DeepClone())]), isUser: true, context), context);

    private static TextValue Json(TemplateValue value, RenderContext context)
    {
        var text = new TracedTextBuilder(context);
        new JsonWriter(text, indent: null, ", ", ": ", asciiOnly: false, sortKeys: false, context).Write(value);
        return new TextValue(text.ToText());
    }

    private static ListValue Items(ChatTurn turn, RenderContext context) => new([.. turn.Parts.Select(part => part switch
    {
        TextPart text => Dictionary(context, ("type", TextValue.Template("text")), ("text", TextValue.User(text.Text))),
        _ => Dictionary(context, ("type", TextValue.Template("image"))),
    })]);

    private static TextValue Text(ChatTurn turn, ChatTemplateVariables variables, RenderContext context)
    {
        var content = new TracedTextBuilder(context);
        foreach (var part in turn.Parts)
        {
            switch (part)
            {
                case TextPart text:
                    content.Append(text.Text, isUser: true);
                    break;
                case ImagePart image when variables.ImageMarker is { } marker:
                    content.Append(marker(image.ImageIndex), isUser: false);
                    break;
                default:
                    throw new NotSupportedException(
                        $"{context.TemplateName}: a turn with an image cannot be written as a string without an image marker.");
            }
        }

        return new TextValue(content.ToText());
    }

    private static DictionaryValue Dictionary(RenderContext context, params ReadOnlySpan<(string Name, TemplateValue Value)> entries)
    {
        var dictionary = new DictionaryValue(context);
        foreach (var (name, value) in entries)
        {
            dictionary.Entries[TextValue.Template(name)] = value;
        }

        return dictionary;
    }
}
