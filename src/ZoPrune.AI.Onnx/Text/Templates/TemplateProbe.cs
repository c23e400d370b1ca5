using System.Text.Json.Nodes;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Finds the features of a template by trial.</summary>
internal static class TemplateProbe
{
    private const string Mark = "zoprune-probe";

    public static ChatTemplateFeatures Find(ChatTemplate template, ChatTemplateVariables variables)
    {
        var features = ChatTemplateFeatures.None;
        var user = new ChatTurn("user", [new TextPart("Hi")]);
        if (Either(form => Text(template, [user], variables with { Tools = Tools(), ContentForm = form })
            ?.Contains(Mark, StringComparison.Ordinal) == true))
        {
            features |= ChatTemplateFeatures.Tools;
        }

        var system = new ChatTurn("system", [new TextPart("Be brief.")]);
        if (Either(form => Text(template, [system, user], variables with { Tools = Tools(), ContentForm = form, ToolsInSystemTurn = true })
            ?.Contains(Mark, StringComparison.Ordinal) == true))
        {
            features |= ChatTemplateFeatures.ToolsInSystemTurn;
        }

        system = new ChatTurn("system", [new TextPart(Mark)]);
        if (Either(form => Text(template, [system, user], variables with { ContentForm = form })
            ?.Contains(Mark, StringComparison.Ordinal) == true))
        {
            features |= ChatTemplateFeatures.SystemRole;
        }

        return WritesImages(template, user, variables) ? features | ChatTemplateFeatures.ImageItems : features;
    }

    private static bool WritesImages(ChatTemplate template, ChatTurn user, ChatTemplateVariables variables)
    {
        // A list that is only written out (as Python's repr) is no image marker.
        var asList = variables with { ContentForm = ContentForm.List };
        var without = Text(template, [user], asList);
        var with = Text(template, [user with { Parts = [new ImagePart(0), .. user.Parts] }], asList);
        return with is not null && without is not null && with != without && !without.Contains("'type'", StringComparison.Ordinal);
    }

    // Some templates know strings only, others lists only.
    private static bool Either(Func<ContentForm, bool> holds) => holds(ContentForm.String) || holds(ContentForm.List);

    private static string? Text(ChatTemplate template, ChatTurn[] turns, ChatTemplateVariables variables)
    {
        try
        {
            return string.Concat(template.Render(new ChatPrompt(turns), variables).Select(segment => segment.Text));
        }
        catch (ChatTemplateException)
        {
            return null;
        }
    }

    private static JsonArray Tools() =>
    [
        new JsonObject
        {
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = Mark,
                ["description"] = Mark,
                ["parameters"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() },
            },
        },
    ];
}
