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

        scope.Set("messages", new ListValue([.. prompt.Turns.Select(turn => Message(turn, variables, context))]));
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
        if (variables.Tools is { } tools)
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
        var asList = variables.ContentForm switch
        {
            ContentForm.List => true,
            ContentForm.String => false,
            _ => turn.Parts.Any(part => part is ImagePart),
        };
        return Dictionary(
            context,
            ("role", TextValue.Template(turn.Role)),
            ("content", asList ? Items(turn, context) : Text(turn, variables, context)));
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
