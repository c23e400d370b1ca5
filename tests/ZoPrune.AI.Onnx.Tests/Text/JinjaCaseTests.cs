using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Text;

/// <summary>Templates whose results were recorded with Jinja2; see the note in <c>tests/data/jinja/cases.json</c>.</summary>
public class JinjaCaseTests
{
    private static readonly JsonObject Recorded = JsonNode.Parse(File.ReadAllText(TestData.PathTo("jinja", "cases.json")))!.AsObject();

    public static TheoryData<string> Names() =>
        [.. Recorded["cases"]!.AsArray().Select(recorded => recorded!["name"]!.GetValue<string>())];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_template_renders_as_in_Jinja2(string name)
    {
        var recorded = Recorded["cases"]!.AsArray().Single(item => item!["name"]!.GetValue<string>() == name)!;
        var template = recorded["template"]!.GetValue<string>();
        if (recorded["error"] is not null)
        {
            var error = Assert.Throws<ChatTemplateException>(() => Render(template, isUser: false));
            Assert.True(error.Line > 0);
            return;
        }

        // Whether the variables count as user text must not change the text.
        var expected = recorded["expected"]!.GetValue<string>();
        Assert.Equal(expected, string.Concat(Render(template, isUser: false).Select(segment => segment.Text)));
        Assert.Equal(expected, string.Concat(Render(template, isUser: true).Select(segment => segment.Text)));
    }

    private static IReadOnlyList<PromptSegment> Render(string template, bool isUser)
    {
        var variables = Recorded["variables"]!.AsObject().ToDictionary(variable => variable.Key, variable => variable.Value);
        var now = DateTimeOffset.Parse(Recorded["now"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture);
        return ChatTemplate.Parse(template, "case").Render(variables, isUser, now);
    }
}
