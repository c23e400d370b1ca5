using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Tests.Engine;
using ZoPrune.AI.Testing;

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

        var empty = TemporaryFolders.Create();
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

    [Theory]
    [InlineData("processor_config.json")]
    [InlineData("tokenizer.json")]
    [InlineData("tokenizer_config.json")]
    [InlineData("decoder.onnx")]
    [InlineData("embedding.onnx")]
    public void A_missing_or_damaged_file_is_one_kind_of_error_that_names_it(string file)
    {
        var folder = ZooModels.CopyPocketVlm();
        File.WriteAllText(Path.Combine(folder, file), "{ \"broken\": ");
        Assert.Contains(file, Assert.Throws<ModelFolderException>(() => VisionLanguageModel.Load(folder)).Message, StringComparison.Ordinal);

        File.Delete(Path.Combine(folder, file));
        Assert.Contains(file, Assert.Throws<ModelFolderException>(() => VisionLanguageModel.Load(folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("search", "top_p", "5", "TopP")]
    [InlineData("search", "temperature", "-1", "Temperature")]
    [InlineData("search", "repetition_penalty", "0", "RepetitionPenalty")]
    [InlineData("search", "no_repeat_ngram_size", "-1", "NoRepeatNgramSize")]
    [InlineData("model", "vocab_size", "10", "model.vocab_size is 10")]
    [InlineData("model", "eos_token_id", "[1, 99999]", "99999")]
    [InlineData("model", "eos_token_id", "[]", "model.eos_token_id")]
    public void Values_that_do_not_fit_are_named_when_the_folder_is_opened(string section, string key, string json, string expected)
    {
        var folder = ZooModels.CopyPocketVlm();
        var file = Path.Combine(folder, "genai_config.json");
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        config[section]![key] = JsonNode.Parse(json);
        File.WriteAllText(file, config.ToJsonString());

        var error = Assert.Throws<ModelFolderException>(() => VisionLanguageModel.Load(folder));

        Assert.Contains("genai_config.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Session_entries_about_threads_reach_ONNX_Runtime()
    {
        var folder = ZooModels.CopyPocketVlm();
        var file = Path.Combine(folder, "genai_config.json");
        var config = JsonNode.Parse(File.ReadAllText(file))!;
        var options = config["model"]!["decoder"]!["session_options"]!;
        options["intra_op_num_threads"] = 2;
        options["session.intra_op_thread_affinities"] = "no number";
        File.WriteAllText(file, config.ToJsonString());

        var error = Assert.Throws<ModelFolderException>(() => VisionLanguageModel.Load(folder));

        Assert.Contains("no number", error.Message, StringComparison.Ordinal);

        // Places for the folder's number of threads are nothing for another number.
        using var model = VisionLanguageModel.Load(folder, new() { Threads = 3 });
        Assert.Equal("gemma3", model.Folder.Type);
    }

    [Fact]
    public void Of_session_entries_only_those_about_threads_are_taken()
    {
        var folder = Open(config =>
        {
            var options = config["model"]!["decoder"]!["session_options"]!;
            options["session.intra_op.allow_spinning"] = "0";
            options["session.force_spinning_stop"] = "0";
            options["session.inter_op.allow_spinning"] = null;
            options["session.model_external_initializers_file_folder_path"] = "/elsewhere";
        });

        Assert.Equal(
            [KeyValuePair.Create("session.intra_op.allow_spinning", "0"), KeyValuePair.Create("session.force_spinning_stop", "0")],
            folder.Decoder.Session.ThreadEntries);
    }

    [Fact]
    public void A_session_entry_of_the_wrong_kind_is_named() => Assert.Contains(
        "session.intra_op.allow_spinning",
        Assert.Throws<ModelFolderException>(
            () => Open(config => config["model"]!["decoder"]!["session_options"]!["session.intra_op.allow_spinning"] = 0)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Beam_search_is_not_supported_rather_than_ignored()
    {
        var path = Write(c => c["search"]!["num_beams"] = 4);

        Assert.Contains("num_beams", Assert.Throws<NotSupportedException>(() => ModelFolder.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_place_of_a_folder_is_said_to_be_one()
    {
        var file = Path.Combine(ZooModels.PocketVlmFolder, "genai_config.json");

        Assert.Contains("is a file", Assert.Throws<ModelFolderException>(() => ModelFolder.Open(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_without_image_markers_is_named()
    {
        var folder = ZooModels.CopyPocketVlm();
        var file = Path.Combine(folder, "tokenizer_config.json");
        File.WriteAllText(file, File.ReadAllText(file).Replace("'<start_of_image>'", "''", StringComparison.Ordinal));
        using var model = VisionLanguageModel.Load(folder);
        var image = ImageSelection.All(ZooModels.Encode(model, TestData.PathTo("pocket-vlm", "eval", "images", "001.png")));

        var error = Assert.Throws<ZoPrune.AI.Onnx.Text.ChatTemplateException>(() => model.EncodePrompt(
            new([new("user", [new ZoPrune.AI.Onnx.Text.ImagePart(0)])]), [image]));

        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains("0 image markers", error.Message, StringComparison.Ordinal);
    }

    private static ModelFolder Open(Action<JsonNode> change) => ModelFolder.Open(Write(change));

    private static string Write(Action<JsonNode> change)
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(ZooModels.PocketVlmFolder, "genai_config.json")))!;
        change(config);
        var folder = TemporaryFolders.Create();
        File.WriteAllText(Path.Combine(folder, "genai_config.json"), config.ToJsonString());
        return folder;
    }
}
