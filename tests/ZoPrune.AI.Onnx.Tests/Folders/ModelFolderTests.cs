using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Tests.Engine;

namespace ZoPrune.AI.Onnx.Tests.Folders;

public sealed class ModelFolderTests
{
    [Fact]
    public void The_bundled_folder_says_what_its_file_says()
    {
        var folder = ModelFolder.Open(ZooModels.PocketVlmFolder);

        Assert.Equal("gemma3", folder.Type);
        Assert.Equal(2048, folder.ContextLength);
        Assert.Equal([1, 4], folder.EosTokenIds);
        Assert.Equal(7, folder.ImageTokenId);
    }

    [Fact]
    public void Unknown_keys_and_nulls_are_tolerated()
    {
        var folder = Open(config =>
        {
            config["something"] = new JsonObject { ["new"] = 1 };
            config["model"]!["pad_token_id"] = null;
            config["search"]!["top_k"] = null;
            config["model"]!["decoder"]!["session_options"]!["future_option"] = true;
        });

        Assert.Equal(0, folder.PadTokenId);
        Assert.Equal(50, folder.Search.TopK);
    }

    [Theory]
    [InlineData("../outside.onnx")]
    [InlineData("/etc/passwd")]
    [InlineData("sub/../../x.onnx")]
    [InlineData("..\\x.onnx")]
    [InlineData("C:\\x.onnx")]
    public void Paths_that_leave_the_folder_are_refused(string path)
    {
        var error = Assert.Throws<ModelFolderException>(() => Open(c => c["model"]!["vision"]!["filename"] = path));

        Assert.Contains("model.vision.filename", error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_a_missing_file_and_broken_json_are_named()
    {
        var missing = Path.Combine(Path.GetTempPath(), "zoprune-no-such-folder");
        Assert.Contains(missing, Assert.Throws<ModelFolderException>(() => ModelFolder.Open(missing)).Message, StringComparison.Ordinal);

        var empty = Directory.CreateTempSubdirectory("zoprune-").FullName;
        Assert.Contains("genai_config.json", Assert.Throws<ModelFolderException>(() => ModelFolder.Open(empty)).Message, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(empty, "genai_config.json"), "{ \"model\": ");
        Assert.Contains("not valid JSON", Assert.Throws<ModelFolderException>(() => ModelFolder.Open(empty)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("context_length", "\"many\"", "model.context_length")]
    [InlineData("context_length", "1.5", "model.context_length")]
    [InlineData("context_length", "0", "model.context_length")]
    [InlineData("type", "7", "model.type")]
    [InlineData("eos_token_id", "[1, \"x\"]", "model.eos_token_id")]
    public void A_value_of_the_wrong_kind_is_named(string key, string json, string expected)
    {
        var error = Assert.Throws<ModelFolderException>(() => Open(c => c["model"]![key] = JsonNode.Parse(json)));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_type_is_not_supported_and_says_what_is()
    {
        var path = Write(c => c["model"]!["type"] = "llama");

        var error = Assert.Throws<NotSupportedException>(() => VisionLanguageModel.Load(path));

        Assert.Contains("'llama'", error.Message, StringComparison.Ordinal);
        Assert.Contains("gemma3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_graph_is_an_error_that_names_the_file()
    {
        var path = Write(_ => { });

        var error = Assert.Throws<ModelFolderException>(() => VisionLanguageModel.Load(path));

        Assert.Contains("vision.onnx", error.Message, StringComparison.Ordinal);
    }

    private static ModelFolder Open(Action<JsonNode> change) => ModelFolder.Open(Write(change));

    private static string Write(Action<JsonNode> change)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(ZooModels.PocketVlmFolder, "genai_config.json")))!;
        change(config);
        var folder = Directory.CreateTempSubdirectory("zoprune-").FullName;
        File.WriteAllText(Path.Combine(folder, "genai_config.json"), config.ToJsonString());
        return folder;
    }
}
