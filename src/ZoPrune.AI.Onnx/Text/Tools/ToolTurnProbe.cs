using System.Text.Json.Nodes;

namespace ZoPrune.AI.Onnx.Text.Tools;

/// <summary>Finds out how a template takes calls and results by rendering small conversations.</summary>
/// <param name="template">The template.</param>
/// <param name="variables">What it sees, the form of contents included.</param>
internal sealed class ToolTurnProbe(ChatTemplate template, ChatTemplateVariables variables)
{
    private const string Name = "zoprune_call";
    private const string Argument = "zoprune_argument";
    private const string Value = "zoprune value";
    private const string Result = "zoprune result";
    private const string ShortId = "zoprune01";
    private const string LongId = "call_zoprune_probe_1";

    /// <summary>The form; null if the template does not write calls or results, or not in any form that is known.</summary>
    public ToolTurnForm? Find()
    {
        foreach (var resultForm in (ContentForm[])[ContentForm.String, ContentForm.List])
        {
            foreach (var needsShortIds in (bool[])[false, true])
            {
                foreach (var argumentsAsText in (bool[])[false, true])
                {
                    var form = new ToolTurnForm(argumentsAsText, needsShortIds, IsOneCallATurn: false, resultForm, ImageForm: null);
                    if (Takes(form))
                    {
                        return form with { IsOneCallATurn = !TakesTwoCalls(form), ImageForm = FindImageForm(form) };
                    }
                }
            }
        }

        return null;
    }

    private bool Takes(ToolTurnForm form)
    {
        var text = Render(form, [Call(form, 1)], [new TextPart(Result)]);
        return text is not null
            && text.Contains(Name, StringComparison.Ordinal)
            && text.Contains(Value, StringComparison.Ordinal)
            && text.Contains(Argument, StringComparison.Ordinal)
            && text.Contains(Result, StringComparison.Ordinal)

            // Not as Python's repr, nor as JSON in a JSON string.
            && !text.Contains("'" + Argument + "'", StringComparison.Ordinal)
            && !text.Contains(Argument + "\\\"", StringComparison.Ordinal)
            && !IsListWritten(text);
    }

    private bool TakesTwoCalls(ToolTurnForm form) =>
        Render(form, [Call(form, 1), Call(form, 2)], [new TextPart(Result)])?.Split(Argument).Length > 2;

    private ContentForm? FindImageForm(ToolTurnForm form)
    {
        foreach (var imageForm in (ContentForm[])[ContentForm.List, ContentForm.String])
        {
            if (imageForm == ContentForm.String && variables.ContentForm != ContentForm.String)
            {
                continue;
            }

            var tried = form with { ResultForm = imageForm };
            var without = Render(tried, [Call(form, 1)], [new TextPart(Result)]);
            var with = Render(tried, [Call(form, 1)], [new ImagePart(0), new TextPart(Result)]);
            if (with is not null && with.Length > without?.Length && with.Contains(Result, StringComparison.Ordinal) && !IsListWritten(with))
            {
                return imageForm;
            }
        }

        return null;
    }

    /// <summary>Whether a list of items was only written out.</summary>
    private static bool IsListWritten(string text) =>
        text.Contains("'type': '", StringComparison.Ordinal)
        || text.Contains("\"type\": \"text\"", StringComparison.Ordinal)
        || text.Contains("\"type\": \"image\"", StringComparison.Ordinal);

    private static ToolCall Call(ToolTurnForm form, int number) => new(
        (form.NeedsShortIds ? ShortId : LongId)[..^1] + (char)('0' + number), Name, new JsonObject { [Argument] = Value });

    private string? Render(ToolTurnForm form, ToolCall[] calls, ChatPart[] result)
    {
        ChatTurn[] turns =
        [
            new("user", [new TextPart("Hi")]),
            new("assistant", []) { ToolCalls = calls },
            .. calls.Select((call, i) => new ChatTurn(PlainToolTurns.ToolRole, i == 0 ? result : [new TextPart(Result)])
            {
                ToolCallId = call.Id,
                ToolName = call.Name,
            }),
        ];
        try
        {
            return string.Concat(template.Render(new ChatPrompt(turns), variables with { ToolTurns = form }).Select(s => s.Text));
        }
        catch (Exception e) when (e is ChatTemplateException or NotSupportedException)
        {
            return null;
        }
    }
}
