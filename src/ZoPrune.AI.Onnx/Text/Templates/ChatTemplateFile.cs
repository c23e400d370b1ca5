using System.Text.Json;
using ZoPrune.AI.Onnx.Text.Tokenizers;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Finds the chat template of a folder, in the order that ONNX Runtime GenAI looks; null if it has none.</summary>
internal static class ChatTemplateFile
{
    public static (string Source, string Name)? Find(string folder)
    {
        var config = Path.Combine(folder, "tokenizer_config.json");
        if (FromJson(config) is { } configured)
        {
            return (configured, config);
        }

        var jinja = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(jinja))
        {
            return (File.ReadAllText(jinja), jinja);
        }

        var json = Path.Combine(folder, "chat_template.json");
        return File.Exists(json) && FromJson(json) is { } source ? (source, json) : null;
    }

    private static string? FromJson(string path)
    {
        using var document = JsonFile.Parse(path);
        return JsonFile.Guard(path, () =>
        {
            if (!document.RootElement.TryGetProperty("chat_template", out var template))
            {
                return null;
            }

            if (template.ValueKind != JsonValueKind.Array)
            {
                return template.GetString();
            }

            // Several named templates: the default one is for plain conversations.
            return template.EnumerateArray()
                .Where(entry => JsonFile.OptionalText(entry, "name") == "default")
                .Select(entry => JsonFile.OptionalText(entry, "template"))
                .FirstOrDefault();
        });
    }
}
