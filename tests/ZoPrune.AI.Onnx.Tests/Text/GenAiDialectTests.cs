using System.Text.Json;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Text;

/// <summary>Every GenAI folder of the zoo: ids, streams and prompts as ONNX Runtime GenAI gave them.</summary>
public class GenAiDialectTests
{
    // GenAI drops bytes that are not UTF-8 and lets a broken lead byte swallow what follows; a stream of ours loses nothing. What the
    // Unicode Standard (15.0, section 3.9, maximal subparts) asks for; the letters are those of the recorded ids.
    private static readonly Dictionary<string, string> BrokenStreams = new(StringComparer.Ordinal)
    {
        ["emoji cut after 2 bytes, then a letter"] = "\uFFFDA",
        ["emoji cut after 3 bytes, at the end"] = "\uFFFD",
        ["lone continuation byte"] = "\uFFFDB",
        ["0xFF 0xFE"] = "\uFFFD\uFFFDC",
        ["two-byte character cut, then a whole one"] = "\uFFFD\u00E9",
        ["overlong 0xC0 0xAF"] = "\uFFFD\uFFFDD",
        ["surrogate 0xED 0xA0 0x80"] = "\uFFFD\uFFFD\uFFFDE",
    };

    public static TheoryData<string, string> Tables => new()
    {
        { "genai/phi3v", "genai/phi3v/goldens/tables/tokenizer.json" },
        { "genai/phi4mm", "genai/phi4mm/goldens/tables/tokenizer.json" },
        { "genai/mistral3", "genai/mistral3/goldens/tables/tokenizer.json" },
        { "genai/gemma3", "genai/gemma3/goldens/tables/tokenizer.json" },
        { "genai/qwen2_5_vl", "genai/qwen2_5_vl/goldens/tables/tokenizer.json" },
        { "genai/qwen3_vl", "genai/qwen3_vl/goldens/tables/tokenizer.json" },
        { "tokenizers/phi3", "tokenizers/phi3/strings.json" },
    };

    public static TheoryData<string> Folders =>
        [.. Directory.GetDirectories(TestData.PathTo("zoo", "genai")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Tables))]
    public void Ids_of_the_string_table_equal_the_recorded_ones(string folder, string table)
    {
        var tokenizer = Load(folder);
        var strings = Read(table).GetProperty("strings").EnumerateArray().ToList();
        Assert.True(strings.Count >= 111);
        Assert.All(strings, entry =>
        {
            // The recording interface takes C strings: U+0000 ends them there, so Hugging Face's ids count for that one.
            var text = entry.GetProperty("text").GetString()!;
            var ids = entry.GetProperty(text.Contains('\0', StringComparison.Ordinal) ? "hf_ids" : "ids");
            Assert.Equal(TextTestData.Ids(ids), tokenizer.Encode([PromptSegment.Template(text)]).Ids);
        });
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Decoding_the_string_table_gives_the_recorded_text(string folder, string table)
    {
        var tokenizer = Load(folder);
        Assert.All(Read(table).GetProperty("strings").EnumerateArray(), entry =>
        {
            // GenAI gives U+FFFD where every id is a skipped special token; we give no text.
            var recorded = entry.GetProperty("decoded").GetString();
            Assert.Equal(recorded == "\uFFFD" ? "" : recorded, tokenizer.Decode(TextTestData.Ids(entry.GetProperty("ids"))));
        });
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Recorded_streams_give_the_recorded_pieces(string folder, string table)
    {
        var tokenizer = Load(folder);
        var streams = Read(table).GetProperty("streams").EnumerateArray().ToList();
        Assert.Equal(15, streams.Count);
        Assert.All(streams, stream =>
        {
            var ids = TextTestData.Ids(stream.GetProperty("ids"));
            if (BrokenStreams.TryGetValue(stream.GetProperty("name").GetString()!, out var repaired))
            {
                Assert.Equal(repaired, string.Concat(Pieces(tokenizer, ids)));
                return;
            }

            Assert.Equal([.. Texts(stream.GetProperty("pieces")), ""], Pieces(tokenizer, ids));
            Assert.Equal(stream.GetProperty("decoded").GetString(), tokenizer.Decode(ids));
        });
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Recorded_chats_give_the_recorded_prompt_or_error(string folder, string table)
    {
        if (!Read(table).TryGetProperty("chats", out var chats))
        {
            Assert.Equal("tokenizers/phi3", folder);
            return;
        }

        Assert.Equal(32, chats.GetArrayLength());
        Assert.All(chats.EnumerateArray(), chat =>
        {
            if (chat.TryGetProperty("error", out var error))
            {
                // GenAI appends its own position.
                var reason = Assert.Throws<ChatTemplateException>(() => Render(folder, chat)).Reason;
                Assert.StartsWith(reason + " at row ", error.GetString(), StringComparison.Ordinal);
                return;
            }

            Assert.Equal(chat.GetProperty("prompt").GetString(), TextTestData.TextOf(Render(folder, chat)));
        });
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Messages_of_every_golden_case_give_the_recorded_prompt(string folder)
    {
        var cases = Cases(folder).Where(golden => golden.TryGetProperty("messages", out _)).ToList();
        Assert.NotEmpty(cases);
        Assert.All(cases, golden => Assert.Equal(
            golden.GetProperty("prompt").GetString(), TextTestData.TextOf(Render($"genai/{folder}", golden))));
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Prompts_without_images_give_the_recorded_ids(string folder)
    {
        var tokenizer = Load($"genai/{folder}");
        var cases = Cases(folder).Where(golden =>
            (!golden.TryGetProperty("images", out var images) || images.GetArrayLength() == 0)
            && golden.TryGetProperty("input_ids", out var ids) && ids.ValueKind == JsonValueKind.Array).ToList();
        Assert.True(cases.Count > 0 || folder == "gemma3-rank3");
        Assert.All(cases, golden =>
        {
            var prompt = golden.GetProperty("prompt").GetString()!;
            var ids = TextTestData.Ids(golden.GetProperty("input_ids"));
            Assert.Equal(ids, tokenizer.Encode([PromptSegment.Template(prompt)]).Ids);
            if (golden.TryGetProperty("messages", out _))
            {
                // Keeping user text apart changes nothing where it has no control tokens.
                var segments = Render($"genai/{folder}", golden);
                if (segments.Where(segment => segment.Kind == PromptSegmentKind.User).All(segment => !segment.Text.Contains('<')))
                {
                    Assert.Equal(ids, tokenizer.Encode(segments).Ids);
                }
            }
        });
    }

    [Theory]
    [MemberData(nameof(Folders))]
    public void Generated_ids_of_every_golden_case_give_the_recorded_pieces(string folder)
    {
        var tokenizer = Load($"genai/{folder}");
        var cases = Cases(folder).Where(golden =>
            golden.TryGetProperty("pieces", out var recorded) && recorded.ValueKind == JsonValueKind.Array).ToList();
        Assert.NotEmpty(cases);
        Assert.All(cases, golden =>
        {
            // The recording interface gives C strings, which end at U+0000; we give that character.
            var ids = TextTestData.Ids(golden.GetProperty("generated_ids"));
            var pieces = Pieces(tokenizer, ids).Select(piece => piece == "\0" ? "" : piece);
            Assert.Equal([.. Texts(golden.GetProperty("pieces")), ""], pieces);
            Assert.Equal(golden.GetProperty("text").GetString(), tokenizer.Decode(ids).Split('\0')[0]);
        });
    }

    [Fact]
    public void Phi3v_tokenises_each_text_between_images_on_its_own()
    {
        // The negative ids of phi3v, from the recorded case with two images.
        var golden = TextTestData.Read(TestData.PathTo("zoo", "genai", "phi3v", "goldens", "two_banners.json"));
        var recorded = TextTestData.Ids(golden.GetProperty("input_ids"));
        var prompt = golden.GetProperty("prompt").GetString()!;
        var segments = new List<PromptSegment>();
        var parts = prompt.Split(["<|image_1|>", "<|image_2|>"], StringSplitOptions.None);
        foreach (var (part, index) in parts.Select((part, index) => (part, index)))
        {
            if (index > 0)
            {
                segments.Add(PromptSegment.Tokens(-index, recorded.Count(id => id == -index)));
            }

            segments.Add(PromptSegment.Template(part));
        }

        Assert.Equal(5, segments.Count);
        Assert.Equal(recorded, Load("genai/phi3v").Encode(segments).Ids);
    }

    private static TextTokenizer Load(string folder) => TextTokenizer.Load(TestData.PathTo("zoo", folder), TokenizerDialect.GenAI);

    private static JsonElement Read(string table) => TextTestData.Read(TestData.PathTo("zoo", table));

    private static IEnumerable<JsonElement> Cases(string folder) =>
        Directory.GetFiles(TestData.PathTo("zoo", "genai", folder, "goldens"), "*.json").Order(StringComparer.Ordinal)
            .Select(TextTestData.Read);

    private static IReadOnlyList<PromptSegment> Render(string folder, JsonElement chat)
    {
        var path = TestData.PathTo("zoo", folder);
        var tokenizer = TextTokenizer.Load(path, TokenizerDialect.GenAI);
        var addsHeader = !chat.TryGetProperty("add_generation_prompt", out var flag) || flag.GetBoolean();
        var variables = new ChatTemplateVariables
        {
            AddGenerationPrompt = addsHeader, BosToken = tokenizer.BosToken, EosToken = tokenizer.EosToken,
        };
        return TextTestData.Render(ChatTemplate.Load(path, TokenizerDialect.GenAI), chat.GetProperty("messages"), variables);
    }

    private static List<string> Pieces(TextTokenizer tokenizer, int[] ids)
    {
        var detokenizer = tokenizer.CreateDetokenizer();
        return [.. ids.Select(detokenizer.Append).ToList(), detokenizer.Flush()];
    }

    private static IEnumerable<string> Texts(JsonElement texts) => texts.EnumerateArray().Select(text => text.GetString()!);
}
