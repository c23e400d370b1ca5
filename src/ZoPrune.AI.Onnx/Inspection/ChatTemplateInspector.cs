using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>Finds out what a chat template can express by rendering small conversations.</summary>
internal static class ChatTemplateInspector
{
    private const string Word = "zoprune-trial";

    public static ChatTemplateInspection Describe(ModelParts parts)
    {
        var renderer = new PromptRenderer(parts.Family, parts.Folder, parts.Template, parts.Tokenizer, TimeProvider.System);
        var tool = new JsonObject
        {
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = Word,
                ["description"] = Word,
                ["parameters"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject() },
            },
        };
        return new ChatTemplateInspection(
            parts.Template.Name,
            Writes(parts, [new ChatTurn("system", [new TextPart(Word)]), User("?")], null),
            Writes(parts, [User("?")], [tool]),
            renderer.FormWithImages,
            Example(renderer));
    }

    private static string? Example(PromptRenderer renderer)
    {
        try
        {
            return string.Concat(renderer.Render(new ChatPrompt([new ChatTurn("user", [new ImagePart(0), new TextPart("What is in the picture?")])])).Select(s => s.Text));
        }
        catch (Exception e) when (e is ChatTemplateException or NotSupportedException)
        {
            return null;
        }
    }

    private static bool Writes(ModelParts parts, IReadOnlyList<ChatTurn> turns, JsonArray? tools)
    {
        // Templates take contents as strings, as lists, or both.
        foreach (var form in new[] { ContentForm.Auto, ContentForm.List })
        {
            try
            {
                var segments = parts.Template.Render(new ChatPrompt(turns), new ChatTemplateVariables
                {
                    BosToken = parts.Tokenizer.BosToken,
                    EosToken = parts.Tokenizer.EosToken,
                    Tools = tools?.DeepClone().AsArray(),
                    ContentForm = form,
                });
                if (segments.Any(s => s.Text?.Contains(Word, StringComparison.Ordinal) == true))
                {
                    return true;
                }
            }
            catch (Exception e) when (e is ChatTemplateException or NotSupportedException)
            {
                // What a template refuses in one form it may take in the other.
            }
        }

        return false;
    }

    private static ChatTurn User(string text) => new("user", [new TextPart(text)]);
}
