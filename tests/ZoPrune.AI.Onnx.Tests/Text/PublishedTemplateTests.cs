using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Text;

/// <summary>Templates in the manner of published ones; results of Jinja2 in <c>tests/data/jinja/models.json</c>.</summary>
public class PublishedTemplateTests
{
    private static readonly JsonObject Recorded = JsonNode.Parse(File.ReadAllText(TestData.PathTo("jinja", "models.json")))!.AsObject();

    public static TheoryData<string> Names() =>
        [.. Recorded["templates"]!.AsArray().Select(recorded => recorded!["name"]!.GetValue<string>())];

    [Theory]
    [MemberData(nameof(Names))]
    public void Conversations_render_as_in_Jinja2(string name)
    {
        var recorded = Recorded["templates"]!.AsArray().Single(item => item!["name"]!.GetValue<string>() == name)!;
        var template = ChatTemplate.Parse(recorded["template"]!.GetValue<string>(), name);
        var now = DateTimeOffset.Parse(Recorded["now"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
        Assert.All(recorded["results"]!.AsArray(), result =>
        {
            var variables = new Dictionary<string, JsonNode?>
            {
                ["messages"] = Recorded["conversations"]![result!["conversation"]!.GetValue<string>()],
                ["tools"] = result["tools"]!.GetValue<bool>() ? Recorded["tools"] : null,
                ["add_generation_prompt"] = true,
                ["bos_token"] = "<s>",
                ["eos_token"] = "</s>",
            };
            if (result["error"] is not null)
            {
                Assert.Throws<ChatTemplateException>(() => template.Render(variables, isUser: false, now));
                return;
            }

            Assert.Equal(
                result["expected"]!.GetValue<string>(), TextTestData.TextOf(template.Render(variables, isUser: false, now)));
        });
    }

    [Theory]
    [InlineData("mistral small 3.1", "SystemRole, ImageItems")]
    [InlineData("mistral tools", "Tools")]
    [InlineData("qwen3-vl", "Tools, SystemRole, ImageItems")]
    [InlineData("smolvlm", "SystemRole, ImageItems")]
    [InlineData("internvl", "SystemRole, ImageItems")]
    [InlineData(
        "llama 3.2 vision", "Tools, SystemRole, ImageItems")]
    public void Features_are_found_by_trial(string name, string features)
    {
        var recorded = Recorded["templates"]!.AsArray().Single(item => item!["name"]!.GetValue<string>() == name)!;
        var template = ChatTemplate.Parse(recorded["template"]!.GetValue<string>(), name);
        Assert.Equal(Enum.Parse<ChatTemplateFeatures>(features), template.FindFeatures(new ChatTemplateVariables { BosToken = "<s>", EosToken = "</s>" }));
    }

    [Theory]
    [InlineData("phi3v", "SystemRole")]
    [InlineData("phi4mm", "SystemRole, ToolsInSystemTurn")]
    [InlineData("gemma3", "SystemRole, ImageItems")]
    [InlineData("qwen2_5_vl", "SystemRole, ImageItems")]
    [InlineData("mistral3", "SystemRole, ImageItems")]
    public void Features_of_the_zoo(string folder, string features)
    {
        var template = ChatTemplate.Load(TestData.PathTo("zoo", "genai", folder), TokenizerDialect.GenAI);
        Assert.Equal(Enum.Parse<ChatTemplateFeatures>(features), template.FindFeatures(new ChatTemplateVariables { BosToken = "<bos>", EosToken = "<eos>" }));
    }
}
