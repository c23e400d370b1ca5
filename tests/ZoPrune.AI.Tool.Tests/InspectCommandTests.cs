using System.Text.Json;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Tool.Tests;

public sealed class InspectCommandTests
{
    [Theory]
    [InlineData("fara")]
    [InlineData("gemma3")]
    [InlineData("mistral3")]
    [InlineData("phi3v")]
    [InlineData("phi4mm")]
    [InlineData("qwen3_vl")]
    public async Task AFolderThatWouldLoadGivesZeroAndJson(string name)
    {
        var (code, output, error) = await RunAsync("inspect", TestData.PathTo("zoo", "genai", name), "--json", "--image", "640x480");
        Assert.Equal(0, code);
        Assert.Empty(error);
        using var json = JsonDocument.Parse(output);
        Assert.True(json.RootElement.GetProperty("canLoad").GetBoolean());
        Assert.Equal("GenAI", json.RootElement.GetProperty("layout").GetString());
        Assert.Equal(3, json.RootElement.GetProperty("graphs").GetArrayLength());
        var tokens = Assert.Single(json.RootElement.GetProperty("imageTokens").EnumerateArray());
        Assert.Equal(640, tokens.GetProperty("width").GetInt32());
        Assert.True(tokens.GetProperty("tokens").GetInt32() > 0);
    }

    [Fact]
    public async Task AFolderThatWouldNotLoadGivesOneAndItsProblems()
    {
        var folder = Copy(TestData.PathTo("zoo", "genai", "phi3v"));
        File.Delete(Path.Combine(folder, "vision.onnx"));
        var (code, output, _) = await RunAsync("inspect", folder, "--json");
        Assert.Equal(1, code);
        using var json = JsonDocument.Parse(output);
        var problem = Assert.Single(json.RootElement.GetProperty("problems").EnumerateArray());
        Assert.Contains("vision.onnx", problem.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("model.vision.filename", problem.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TextIsPlainWhereThereIsNoTerminal()
    {
        var (code, output, _) = await RunAsync("inspect", TestData.PathTo("zoo", "genai", "phi3v"));
        Assert.Equal(0, code);
        Assert.DoesNotContain('\u001b', output);
        foreach (var text in new[] { "phi3v", "vision.onnx", "closed form", "<|image|>", "1920 x 1080", "2353", "The folder would load." })
        {
            Assert.Contains(text, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ProblemsStandInTheText()
    {
        var (code, output, _) = await RunAsync("inspect", Path.Combine(TemporaryFolders.Create(), "nowhere"));
        Assert.Equal(1, code);
        Assert.Contains("does not exist", output, StringComparison.Ordinal);
        Assert.Contains("would not load", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("inspect")]
    [InlineData("inspect", "folder", "--image", "640")]
    [InlineData("inspect", "folder", "--image", "0x480")]
    [InlineData("inspect", "folder", "--image", "-1x480")]
    [InlineData("inspect", "folder", "--image", "axb")]
    [InlineData("inspect", "folder", "--image")]
    [InlineData("inspect", "folder", "--variant")]
    [InlineData("inspect", "folder", "another")]
    [InlineData("inspect", "folder", "--unknown")]
    [InlineData("inspect", "")]
    [InlineData("unknown")]
    public async Task WrongArgumentsGiveTwoAndSayWhatIsWrong(params string[] arguments)
    {
        var (code, output, error) = await RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.Empty(output);
        Assert.NotEmpty(error);
    }

    [Fact]
    public async Task HelpGivesZero()
    {
        var (code, output, _) = await RunAsync("inspect", "--help");
        Assert.Equal(0, code);
        Assert.Contains("--image", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await ZoPruneCommand.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    private static string Copy(string source)
    {
        var folder = TemporaryFolders.Create();
        foreach (var file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        return folder;
    }
}
