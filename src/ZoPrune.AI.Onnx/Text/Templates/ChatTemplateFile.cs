using System.Text.Json;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Text.Tokenizers;

namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>Finds the chat template of a folder; null if it has none.</summary>
internal static class ChatTemplateFile
{
    private const long LargestTemplate = JsonSource.LargestDescription;

    /// <summary>In the order that ONNX Runtime GenAI looks.</summary>
    public static (string Source, string Name)? Find(string folder) => Find(folder, TokenizerDialect.GenAI);

    /// <summary>GenAI: <c>tokenizer_config.json</c>, <c>chat_template.jinja</c>, <c>chat_template.json</c>. Hugging Face: the last two
    /// first.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="dialect">Whose order counts.</param>
    /// <param name="withTools">Of several named templates take <c>tool_use</c>, if there is one, instead of <c>default</c>.</param>
    public static (string Source, string Name)? Find(string folder, TokenizerDialect dialect, bool withTools = false)
    {
        var config = Path.Combine(folder, "tokenizer_config.json");
        var jinja = Path.Combine(folder, "chat_template.jinja");
        var json = Path.Combine(folder, "chat_template.json");
        return dialect == TokenizerDialect.GenAI
            ? FromJson(config, withTools) ?? FromText(jinja) ?? FromOptionalJson(json, withTools)
            : FromText(jinja) ?? FromOptionalJson(json, withTools) ?? FromOptionalJson(config, withTools);
    }

    private static (string Source, string Name)? FromText(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        JsonFile.RefuseLargerThan(LargestTemplate, path);
        return (File.ReadAllText(path), path);
    }

    private static (string Source, string Name)? FromOptionalJson(string path, bool withTools) =>
        File.Exists(path) ? FromJson(path, withTools) : null;

    private static (string Source, string Name)? FromJson(string path, bool withTools)
    {
        using var document = JsonFile.Parse(path, LargestTemplate);
        var source = JsonFile.Guard(path, () => Template(document.RootElement, withTools, path));
        return source is null ? null : (source, path);
    }

    private static string? Template(JsonElement root, bool withTools, string path)
    {
        if (!root.TryGetProperty("chat_template", out var template) || template.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        switch (template.ValueKind)
        {
            case JsonValueKind.String:
                return template.GetString();
            case JsonValueKind.Array:
                return Named(template, withTools ? "tool_use" : "default") ?? Named(template, "default");
            default:
                throw new TokenizerFormatException(
                    path, $"'chat_template' is {template.ValueKind} instead of a string or a list of named templates.");
        }
    }

    private static string? Named(JsonElement templates, string name) => templates.EnumerateArray()
        .Where(entry => JsonFile.OptionalText(entry, "name") == name)
        .Select(entry => JsonFile.OptionalText(entry, "template"))
        .FirstOrDefault();
}
