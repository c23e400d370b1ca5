using System.Text.Json.Nodes;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Tests.Support;

/// <summary>Folders of the zoo with chat templates that write tools, from <c>tests/data/jinja/tools.json</c>.</summary>
internal static class ToolFolders
{
    private static readonly JsonArray Templates =
        JsonNode.Parse(File.ReadAllText(TestData.PathTo("jinja", "tools.json")))!["templates"]!.AsArray();

    public static IEnumerable<string> Names => Templates.Select(template => template!["name"]!.GetValue<string>());

    /// <summary>A copy of the folder that a template is recorded for, with the template.</summary>
    public static string Create(string name)
    {
        var template = Templates.Single(t => t!["name"]!.GetValue<string>() == name)!;
        return Create(TestData.PathTo("zoo", "genai", template["folder"]!.GetValue<string>()), template["template"]!.GetValue<string>());
    }

    /// <summary>A copy of a folder with another template.</summary>
    public static string Create(string source, string template)
    {
        var folder = TemporaryFolders.Create();
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        var path = Path.Combine(folder, "tokenizer_config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        config["chat_template"] = template;
        File.WriteAllText(path, config.ToJsonString());
        return folder;
    }
}
