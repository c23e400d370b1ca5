using System.Text.Json.Nodes;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Tests.Text;

/// <summary>Parts of the Hugging Face dialect on small files; expectations by hand from the sources of <c>tokenizers</c>.</summary>
public sealed class HuggingFaceComponentTests : IDisposable
{
    // Each word is a piece; the model splits nothing further, so that ids show the pieces that reached it.
    private readonly string _folder = Directory.CreateTempSubdirectory("zoprune-tokenizer-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Isolated", false, "a|-|-|b|-")]
    [InlineData("Removed", false, "a|b")]
    [InlineData("MergedWithPrevious", false, "a-|-|b-")]
    [InlineData("MergedWithNext", false, "a|-|-b|-")]
    [InlineData("Contiguous", false, "a|--|b|-")]
    [InlineData("Removed", true, "-|-|-")]
    [InlineData("Isolated", true, "a|-|-|b|-")]
    public void Split_has_five_behaviours(string behavior, bool invert, string expected)
    {
        var step = new JsonObject
        {
            ["type"] = "Split",
            ["pattern"] = new JsonObject { ["String"] = "-" },
            ["behavior"] = behavior,
            ["invert"] = invert,
        };
        Assert.Equal(expected, Pieces("a--b-", expected, preTokenizer: step.ToJsonString()));
    }

    [Theory]
    [InlineData("""{"type": "Whitespace"}""", "ab  c!? d", "ab|c|!?|d")]
    [InlineData("""{"type": "WhitespaceSplit"}""", "ab  c!? d", "ab|c!?|d")]
    [InlineData("""{"type": "Punctuation"}""", "a!?b$", "a|!|?|b|$")]
    [InlineData("""{"type": "Punctuation", "behavior": "Contiguous"}""", "a!?b", "a|!?|b")]
    [InlineData("""{"type": "Digits", "individual_digits": true}""", "a12b", "a|1|2|b")]
    [InlineData("""{"type": "Digits", "individual_digits": false}""", "a12b", "a|12|b")]
    [InlineData("""{"type": "CharDelimiterSplit", "delimiter": "x"}""", "axxb", "a|b")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}""", "a b", "▁a|▁b")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never"}""", "a b", "a|▁b")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": false}""", "a b", "▁a▁b")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "add_prefix_space": false}""", "a b", "a|▁b")]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": true, "use_regex": true}""", "a b's", "Ġa|Ġb|'s")]
    [InlineData("""{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}""", "a b", "aĠb")]
    [InlineData(
        """{"type": "Split", "pattern": {"Regex": "[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+"}, "behavior": "Isolated"}""",
        "ab 😀12345", "ab| 😀|12345")]
    [InlineData("""{"type": "Split", "pattern": {"Regex": "(?i:A)\\p{Han}"}, "behavior": "Isolated"}""", "xa中y", "x|a中|y")]
    public void Pre_tokenizers_cut_as_recorded_in_their_sources(string step, string text, string expected) =>
        Assert.Equal(expected, Pieces(text, expected, preTokenizer: step));

    [Fact]
    public void The_first_scheme_of_Metaspace_prepends_at_the_beginning_of_the_prompt_only()
    {
        var step = """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}""";
        Write(["▁a", "a", "▁b", "b"], preTokenizer: step,
            added: """[{"id": 90, "content": "<x>", "special": true, "normalized": false}]""");
        var tokenizer = TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace);
        Assert.Equal([0, 90, 3], tokenizer.Encode([PromptSegment.Template("a<x>b")]).Ids);
        Assert.Equal([0, 90, 3], tokenizer.Encode(
            [PromptSegment.User("a"), PromptSegment.Tokens(90, 1), PromptSegment.User("b")]).Ids);
        Assert.Equal([90, 3], tokenizer.Encode([PromptSegment.Template("<x>b")]).Ids);
    }

    [Theory]
    [InlineData("""{"type": "NFC"}""", "e\u0301", "\u00E9")]
    [InlineData("""{"type": "NFKC"}""", "\uFB01", "fi")]
    [InlineData("""{"type": "Lowercase"}""", "ÀB", "àb")]
    [InlineData("""{"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "StripAccents"}]}""", "é\u0323x", "ex")]
    [InlineData("""{"type": "Strip", "strip_left": true, "strip_right": false}""", " a ", "a ")]
    [InlineData("""{"type": "Prepend", "prepend": "▁"}""", "a", "▁a")]
    [InlineData("""{"type": "Replace", "pattern": {"String": " "}, "content": "▁"}""", "a b", "a▁b")]
    [InlineData("""{"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "$0"}""", "a   b", "a$0b")]
    public void Normalizers_change_text_as_recorded_in_their_sources(string step, string text, string expected) =>
        Assert.Equal(expected, Pieces(text, expected, normalizer: step));

    [Theory]
    [InlineData("a <l> b", true, false, false, "a|*| b")]
    [InlineData("a <l> b", false, true, false, "a |*|b")]
    [InlineData("a<l>b <l>!", false, false, true, "a<l>b |*|!")]
    public void Added_tokens_strip_and_stand_alone(string text, bool lstrip, bool rstrip, bool single, string expected)
    {
        var token = new JsonObject
        {
            ["id"] = 90,
            ["content"] = "<l>",
            ["lstrip"] = lstrip,
            ["rstrip"] = rstrip,
            ["single_word"] = single,
            ["normalized"] = false,
            ["special"] = true,
        };
        Assert.Equal(expected, Pieces(text, expected, added: new JsonArray(token).ToJsonString()));
    }

    [Fact]
    public void Normalized_added_tokens_are_matched_in_normalised_text_and_do_not_begin_a_new_one()
    {
        Write(
            ["▁a", "b", "▁b"],
            normalizer: """{"type": "Sequence", "normalizers": [{"type": "Lowercase"}, {"type": "Prepend", "prepend": "▁"}]}""",
            added: """
                [{"id": 90, "content": "<raw>", "special": true, "normalized": false},
                 {"id": 91, "content": "<Soft>", "special": false, "normalized": true}]
                """);
        var tokenizer = TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace);

        // The content is normalised as well, so the prefix belongs to it.
        Assert.Equal([91, 1], tokenizer.Encode([PromptSegment.Template("<SOFT>b")]).Ids);
        Assert.Equal([0, 90, 2], tokenizer.Encode([PromptSegment.Template("a<raw>b")]).Ids);
        Assert.Equal([0, 91, 91, 1], tokenizer.Encode(
            [PromptSegment.Template("a"), PromptSegment.Tokens(91, 2), PromptSegment.Template("b")]).Ids);
        Assert.DoesNotContain(91, tokenizer.Encode([PromptSegment.User("<SOFT>")]).Ids);
    }

    [Fact]
    public void Post_processors_put_their_tokens_around_the_prompt()
    {
        const string Template = """
            {"type": "Sequence", "processors": [{"type": "ByteLevel"}, {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                        {"SpecialToken": {"id": "</s>", "type_id": 0}}],
             "special_tokens": {"<s>": {"id": "<s>", "ids": [1, 2]}, "</s>": {"id": "</s>", "ids": [3]}}}]}
            """;
        Write(["a"], postProcessor: Template);
        PromptSegment[] prompt = [PromptSegment.Tokens(7, 1), PromptSegment.Template("a")];
        var encoded = TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace).Encode(prompt, addSpecialTokens: true);
        Assert.Equal([1, 2, 7, 0, 3], encoded.Ids);
        Assert.Equal([2], encoded.TokenRunStarts);
        Assert.Equal([7, 0], TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace).Encode(prompt).Ids);

        Write(["a"], postProcessor: """{"type": "RobertaProcessing", "cls": ["<s>", 5], "sep": ["</s>", 6]}""");
        Assert.Equal([5, 7, 0, 6], TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace).Encode(prompt, true).Ids);
    }

    [Theory]
    [InlineData("ab", "1,2")]
    [InlineData("abc", "3,4")]
    [InlineData("aXYb", "1,0,2")]
    [InlineData("X", "0")]
    public void Unigram_takes_the_best_path_and_joins_unknown_characters(string text, string expected)
    {
        // For "ab" the piece "ab" scores -3 and "a"+"b" -2; elsewhere "ab" scores -1.5, so that "ab"+"c" has -2.5 and "a"+"b"+"c" -3.
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), "{}");
        File.WriteAllText(Path.Combine(_folder, "tokenizer.json"), """
            {"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["a", -1.0], ["b", -1.0], ["ab", -1.5],
             ["c", -1.0], ["abX", -7.0]]}}
            """.Replace("\"ab\", -1.5", text == "ab" ? "\"ab\", -3.0" : "\"ab\", -1.5", StringComparison.Ordinal));
        var ids = TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace).Encode([PromptSegment.Template(text)]).Ids;
        Assert.Equal(expected, string.Join(',', ids));
    }

    [Theory]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}""", "a b")]
    [InlineData("""{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "never"}""", " a b")]
    [InlineData("null", "▁a ▁b")]
    [InlineData(
        """
        {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "Fuse"},
         {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
        """,
        "a b")]
    [InlineData(
        """{"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Strip", "content": "b", "start": 0, "stop": 1}]}""", "▁a▁")]
    public void Decoders_write_text_as_recorded_in_their_sources(string decoder, string expected)
    {
        Write(["▁a", "▁b"], decoder: decoder);
        var tokenizer = TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace);
        Assert.Equal(expected, tokenizer.Decode([0, 1]));
        Assert.Equal(expected, tokenizer.Decode([0, 5000, 1]));
    }

    [Fact]
    public void Byte_pieces_and_unknown_tokens_follow_the_model()
    {
        var bytes = Enumerable.Range(0, 256).Select(value => $"<0x{value:X2}>").ToArray();
        Write(["a", .. bytes], model: """{"byte_fallback": true}""");
        Assert.Equal(
            [0, 1 + 0xC3, 1 + 0xA9],
            TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace).Encode([PromptSegment.Template("aé")]).Ids);

        Write(["a", "<unk>"], model: """{"unk_token": "<unk>", "fuse_unk": true}""");
        Assert.Equal([1, 0, 1], TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace).Encode([PromptSegment.Template("xyaz")]).Ids);

        Write(["a", "<unk>"], model: """{"unk_token": "<unk>", "fuse_unk": false}""");
        Assert.Equal([1, 1, 0, 1], TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace).Encode([PromptSegment.Template("xyaz")]).Ids);
    }

    [Fact]
    public void Subword_affixes_are_known()
    {
        Write(
            ["a", "##b</w>", "ab</w>"],
            model: """
                {"unk_token": "a", "continuing_subword_prefix": "##", "end_of_word_suffix": "</w>", "merges": [["a", "##b</w>"]],
                 "ignore_merges": false}
                """);
        Assert.Equal([2], TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace).Encode([PromptSegment.Template("ab")]).Ids);
    }

    [Theory]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "[a&&b]"}, "behavior": "Isolated"}""", "intersections")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"Regex": "\\p{Tibetan}"}, "behavior": "Isolated"}""", "Tibetan")]
    [InlineData("pre_tokenizer", """{"type": "UnicodeScripts"}""", "UnicodeScripts")]
    [InlineData("normalizer", """{"type": "Nmt"}""", "Nmt")]
    [InlineData("post_processor", """{"type": "Other"}""", "Other")]
    [InlineData("decoder", """{"type": "CTC"}""", "CTC")]
    public void What_is_not_known_is_refused_by_name(string section, string json, string name)
    {
        Write(["a"]);
        var path = Path.Combine(_folder, "tokenizer.json");
        var root = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        root[section] = JsonNode.Parse(json);
        File.WriteAllText(path, root.ToJsonString());
        var error = Assert.Throws<NotSupportedException>(() => TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("normalizer", """{"type": "Precompiled", "precompiled_charsmap": "AAAA"}""", "precompiled_charsmap")]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {}, "content": "x"}""", "'pattern' of Replace")]
    [InlineData("pre_tokenizer", """{"type": "Split", "pattern": {"String": "x"}, "behavior": "Odd"}""", "'behavior' is 'Odd'")]
    [InlineData("post_processor", """{"type": "TemplateProcessing"}""", "'single' is missing")]
    [InlineData("decoder", """{"type": "Strip", "content": " ", "start": -1}""", "'start' is -1")]
    public void What_is_malformed_is_refused_with_its_key(string section, string json, string problem)
    {
        Write(["a"]);
        var path = Path.Combine(_folder, "tokenizer.json");
        var root = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        root[section] = JsonNode.Parse(json);
        File.WriteAllText(path, root.ToJsonString());
        var error = Assert.Throws<TokenizerFormatException>(() => TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_too_large_are_refused_before_they_are_read()
    {
        Write(["a"]);
        Grow("tokenizer.json", (256L << 20) + 1);
        Assert.Contains("268435457 bytes", Refusal(), StringComparison.Ordinal);
        Grow("tokenizer_config.json", (16 << 20) + 1);
        Assert.Contains("16777217 bytes", Refusal(), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "chat_template.jinja"), "x");
        Grow("chat_template.jinja", (16 << 20) + 1);
        var error = Assert.Throws<TokenizerFormatException>(() => ChatTemplate.Load(_folder, TokenizerDialect.HuggingFace));
        Assert.Contains("chat_template.jinja: the file has 16777217 bytes", error.Message, StringComparison.Ordinal);

        string Refusal() =>
            Assert.Throws<TokenizerFormatException>(() => TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace)).Message;

        void Grow(string name, long length)
        {
            using var file = File.OpenWrite(Path.Combine(_folder, name));
            file.SetLength(length);
        }
    }

    [Fact]
    public void Templates_are_looked_for_in_the_order_of_the_dialect()
    {
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), """
            {"chat_template": [{"name": "default", "template": "config"}, {"name": "tool_use", "template": "tools"}]}
            """);
        Assert.Equal("config", Found(TokenizerDialect.HuggingFace));
        Assert.Equal("tools", ZoPrune.AI.Onnx.Text.Templates.ChatTemplateFile.Find(
            _folder, TokenizerDialect.HuggingFace, withTools: true)!.Value.Source);
        File.WriteAllText(Path.Combine(_folder, "chat_template.json"), """{"chat_template": "json"}""");
        Assert.Equal("json", Found(TokenizerDialect.HuggingFace));
        File.WriteAllText(Path.Combine(_folder, "chat_template.jinja"), "jinja");
        Assert.Equal("jinja", Found(TokenizerDialect.HuggingFace));
        Assert.Equal("config", Found(TokenizerDialect.GenAI));

        string Found(TokenizerDialect dialect) => ZoPrune.AI.Onnx.Text.Templates.ChatTemplateFile.Find(_folder, dialect)!.Value.Source;
    }

    // The pieces that the model is given, "*" for the added token 90: each expected piece is a whole entry of the vocabulary.
    private string Pieces(
        string text, string expected, string normalizer = "null", string preTokenizer = "null", string added = "[]")
    {
        var pieces = expected.Split('|').Distinct().ToArray();
        Write([.. pieces, "<unk>"], normalizer, preTokenizer, added, model: """{"unk_token": "<unk>"}""");
        var ids = TextTokenizer.Load(_folder, TokenizerDialect.HuggingFace).Encode([PromptSegment.Template(text)]).Ids;
        return string.Join('|', ids.Select(id => id == 90 ? "*" : id < pieces.Length ? pieces[id] : "<unk>"));
    }

    private void Write(
        string[] pieces, string normalizer = "null", string preTokenizer = "null", string added = "[]", string postProcessor = "null",
        string decoder = "null", string model = """{"unk_token": null}""")
    {
        var vocabulary = new JsonObject();
        foreach (var piece in pieces)
        {
            vocabulary[piece] = vocabulary.Count;
        }

        var description = JsonNode.Parse(model)!.AsObject();
        if (description.ContainsKey("unk_token") && description["unk_token"] is null)
        {
            description["unk_token"] = pieces[0];
        }

        description["type"] = "BPE";
        description["vocab"] = vocabulary;
        description["ignore_merges"] ??= true;
        description["merges"] ??= new JsonArray();
        var root = new JsonObject
        {
            ["normalizer"] = JsonNode.Parse(normalizer),
            ["pre_tokenizer"] = JsonNode.Parse(preTokenizer),
            ["added_tokens"] = JsonNode.Parse(added),
            ["post_processor"] = JsonNode.Parse(postProcessor),
            ["decoder"] = JsonNode.Parse(decoder),
            ["model"] = description,
        };
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), "{}");
        File.WriteAllText(Path.Combine(_folder, "tokenizer.json"), root.ToJsonString());
    }
}
