using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Tests.Text;

public sealed class TokenizerFormatTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("zoprune-tokenizer-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_missing_file_is_an_error_that_names_it()
    {
        var error = Assert.Throws<TokenizerFormatException>(() => TextTokenizer.Load(_folder));
        Assert.Contains("tokenizer_config.json: the file does not exist", error.Message, StringComparison.Ordinal);

        Write("tokenizer_config.json", "{}");
        error = Assert.Throws<TokenizerFormatException>(() => TextTokenizer.Load(_folder));
        Assert.Contains("tokenizer.json: the file does not exist", error.Message, StringComparison.Ordinal);
        Assert.Equal(Path.Combine(_folder, "tokenizer.json"), error.Path);
    }

    [Theory]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "does not hold a JSON object")]
    [InlineData("{}", "'model' is missing")]
    [InlineData("""{"model": 3}""", "'model' is Number")]
    [InlineData("""{"model": {"type": "BPE", "merges": []}}""", "'vocab' is missing")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": -1}, "merges": []}}""", "'a' has the id -1")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 2147483647}, "merges": []}}""", "'a' has the id 2147483647")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": "x"}, "merges": []}}""", "'a' has the id \"x\"")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a"]}}""", "merge 0 is \"a\", not a pair")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": [["a", 3]]}}""", "wrong kind")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": ["a b"]}}""", "the piece 'b'")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "added_tokens": [{"id": 3}]}""", "'content' is missing")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}, "added_tokens": 3}""", "wrong kind")]
    [InlineData("""{"model": {"vocab": {"a": 0}, "merges": []}, "decoder": {"type": "ByteLevel"}}""", "no piece for the byte")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"\ud800": 0}, "merges": []}}""", "wrong kind")]
    public void A_malformed_file_is_an_error_that_says_what_is_wrong(string json, string problem)
    {
        Write("tokenizer_config.json", "{}");
        Write("tokenizer.json", json);
        var error = Assert.Throws<TokenizerFormatException>(() => TextTokenizer.Load(_folder));
        Assert.StartsWith(Path.Combine(_folder, "tokenizer.json"), error.Message, StringComparison.Ordinal);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model": {"type": "Unigram", "vocab": []}}""", "'Unigram'")]
    [InlineData("""{"model": {"type": "WordPiece", "vocab": {}}}""", "'WordPiece'")]
    [InlineData("""{"model": {"type": "BPE", "end_of_word_suffix": "</w>", "vocab": {}, "merges": []}}""", "'end_of_word_suffix'")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {}, "merges": []}, "decoder": {"type": "BPEDecoder"}}""", "'BPEDecoder'")]
    public void An_unsupported_kind_is_named(string json, string kind)
    {
        Write("tokenizer_config.json", "{}");
        Write("tokenizer.json", json);
        Assert.Contains(kind, Assert.Throws<NotSupportedException>(() => TextTokenizer.Load(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Special_tokens_of_the_configuration_are_strings_or_objects()
    {
        CopyPocketVlm(tokenizer => { });
        Write("tokenizer_config.json", """
            {"bos_token": {"content": "<bos>", "lstrip": false}, "eos_token": "<eos>", "pad_token": null,
             "added_tokens_decoder": {"456": {"content": "<late>", "special": true}}}
            """);
        var tokenizer = TextTokenizer.Load(_folder);
        Assert.Equal("<bos>", tokenizer.BosToken);
        Assert.Equal("<eos>", tokenizer.EosToken);
        Assert.Null(tokenizer.PadToken);
        Assert.Equal([456], tokenizer.Encode([PromptSegment.Template("<late>")]).Ids);
        Assert.True(tokenizer.IsSpecial(456));
    }

    [Fact]
    public void A_right_stripping_token_swallows_whitespace_behind_it()
    {
        CopyPocketVlm(tokenizer => tokenizer["added_tokens"]![4]!["rstrip"] = true);
        var tokenizer = TextTokenizer.Load(_folder);
        var plain = tokenizer.Encode([PromptSegment.User("Hi ")]).Ids;
        Assert.Equal([4, .. plain], tokenizer.Encode([PromptSegment.Template("<end_of_turn> \n\r\t"), PromptSegment.User(" Hi ")]).Ids);
        Assert.Equal([4, 1], tokenizer.Encode([PromptSegment.Template("<end_of_turn> <eos>")]).Ids);

        // No-break space is not among the four characters.
        Assert.Equal(
            [4, .. tokenizer.Encode([PromptSegment.User("\u00A0Hi")]).Ids],
            tokenizer.Encode([PromptSegment.Template("<end_of_turn>\u00A0Hi")]).Ids);
    }

    [Fact]
    public void Ordinary_text_never_becomes_a_control_token_that_the_merges_could_build()
    {
        // "the" is made an added token although the merge table builds it.
        CopyPocketVlm(tokenizer =>
        {
            var id = tokenizer["model"]!["vocab"]!["Ġthe"]!.GetValue<int>();
            tokenizer["added_tokens"]!.AsArray().Add(new JsonObject { ["id"] = id, ["content"] = "Ġthe", ["special"] = true });
        });
        var tokenizer = TextTokenizer.Load(_folder);
        var ids = tokenizer.Encode([PromptSegment.User(" the")]).Ids;
        Assert.DoesNotContain(ids, tokenizer.IsSpecial);
        Assert.Equal(" the", tokenizer.Decode(ids));
    }

    private void CopyPocketVlm(Action<JsonNode> change)
    {
        var tokenizer = JsonNode.Parse(File.ReadAllText(Path.Combine(TextTestData.PocketVlm, "tokenizer.json")))!;
        change(tokenizer);
        Write("tokenizer.json", tokenizer.ToJsonString());
        File.Copy(Path.Combine(TextTestData.PocketVlm, "tokenizer_config.json"), Path.Combine(_folder, "tokenizer_config.json"));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);
}
