using ZoPrune.AI.Onnx.Prompts;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>Finds out what a chat template can express by rendering small conversations.</summary>
internal static class ChatTemplateInspector
{
    public static ChatTemplateInspection Describe(ModelParts parts)
    {
        var renderer = parts.CreateRenderer(TimeProvider.System);
        var features = parts.Template.FindFeatures(
            new ChatTemplateVariables { BosToken = parts.Tokenizer.BosToken, EosToken = parts.Tokenizer.EosToken });
        var hasTools = parts.FindToolRenderer(renderer, TimeProvider.System) is { WritesTools: true };
        return new ChatTemplateInspection(
            parts.Template.Name,
            features.HasFlag(ChatTemplateFeatures.SystemRole),
            hasTools,
            renderer.FormWithImages,
            Example(renderer))
        {
            ToolCallFormat = hasTools ? parts.ToolCallFormat?.Name : null,
        };
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
}
