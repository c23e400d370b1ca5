using System.Text.Json;
using ZoPrune.AI.Onnx.Text;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Text;

/// <summary>Ids, texts and prompts as Hugging Face's <c>tokenizers</c> and <c>transformers</c> gave them.</summary>
public class HuggingFaceDialectTests
{
    public static TheoryData<string, string> Tables => GenAiDialectTests.Tables;

    public static TheoryData<string> Families =>
        ["gemma3", "idefics3", "llava", "llava_onevision", "paligemma", "qwen2_5_vl", "qwen2_vl"];

    [Theory]
    [MemberData(nameof(Tables))]
    public void Ids_of_the_string_table_equal_the_recorded_ones(string folder, string table)
    {
        var tokenizer = Load(folder);
        Assert.All(Table(table), entry =>
        {
            // phi4mm: the recording program renumbered the added tokens behind a gap; the ids of the file count.
            var ids = entry.TryGetProperty("hf_ids", out var different) && (folder != "genai/phi4mm" || HasNul(entry))
                ? different
                : entry.GetProperty("ids");
            Assert.Equal(TextTestData.Ids(ids), tokenizer.Encode([PromptSegment.Template(entry.GetProperty("text").GetString()!)]).Ids);
        });
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Decoding_the_string_table_gives_the_recorded_text(string folder, string table)
    {
        var tokenizer = Load(folder);
        Assert.All(Table(table).Where(entry => !HasNul(entry)), entry =>
        {
            var expected = entry.TryGetProperty("hf_decoded", out var decoded) ? decoded : entry.GetProperty("decoded");
            Assert.Equal(expected.GetString(), tokenizer.Decode(TextTestData.Ids(entry.GetProperty("ids"))));
        });
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Messages_give_the_recorded_prompt(string family)
    {
        var folder = TestData.PathTo("zoo", "hf", family);
        if (family == "paligemma")
        {
            Assert.Throws<NotSupportedException>(() => ChatTemplate.Load(folder, TokenizerDialect.HuggingFace));
            return;
        }

        var template = ChatTemplate.Load(folder, TokenizerDialect.HuggingFace);
        Assert.All(Cases(family), golden => Assert.Equal(
            golden.GetProperty("rendered").GetString(), TextTestData.TextOf(Render(template, family, golden))));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Prompts_with_their_images_give_the_recorded_ids(string family)
    {
        var tokenizer = Load($"hf/{family}");
        var imageToken = TextTestData.Read(TestData.PathTo("zoo", "hf", family, "goldens.json")).GetProperty("image_token_id").GetInt32();
        Assert.All(Cases(family), golden =>
        {
            var rendered = golden.GetProperty("rendered").GetString()!;
            var recorded = TextTestData.Ids(golden.GetProperty("input_ids"));
            var begins = tokenizer.BosToken is { } bos && rendered.StartsWith(bos, StringComparison.Ordinal);
            var segments = Expand(family, [PromptSegment.Template(rendered)], golden, imageToken, recorded);
            var encoded = tokenizer.Encode(segments, addSpecialTokens: !begins && family != "paligemma");
            Assert.Equal(recorded, encoded.Ids);
            var runs = segments.Where(segment => segment.Kind == PromptSegmentKind.Tokens).ToList();
            Assert.Equal(runs.Count, encoded.TokenRunStarts.Length);
            Assert.All(runs.Zip(encoded.TokenRunStarts), run => Assert.All(
                recorded.AsSpan(run.Second, run.First.Count).ToArray(), id => Assert.Equal(imageToken, id)));

            // Images written out as text give the same.
            var text = string.Concat(segments.Select(segment => segment.Kind == PromptSegmentKind.Tokens
                ? string.Concat(Enumerable.Repeat(PlaceholderOf(family, tokenizer, imageToken), segment.Count))
                : segment.Text));
            Assert.Equal(recorded, tokenizer.Encode([PromptSegment.Template(text)], !begins && family != "paligemma").Ids);
        });
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Keeping_user_text_apart_changes_no_harmless_prompt(string family)
    {
        if (family == "paligemma")
        {
            return;
        }

        var tokenizer = Load($"hf/{family}");
        var template = ChatTemplate.Load(TestData.PathTo("zoo", "hf", family), TokenizerDialect.HuggingFace);
        Assert.All(Cases(family), golden =>
        {
            var segments = Render(template, family, golden);
            Assert.Equal(
                tokenizer.Encode([PromptSegment.Template(TextTestData.TextOf(segments))]).Ids, tokenizer.Encode(segments).Ids);
        });
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Recorded_answers_are_decoded_and_streamed(string family)
    {
        var tokenizer = Load($"hf/{family}");
        Assert.All(Cases(family), golden =>
        {
            // Python decodes broken bytes of a byte fallback one by one, so only whole texts are comparable.
            var ids = TextTestData.Ids(golden.GetProperty("greedy_hf"));
            var detokenizer = tokenizer.CreateDetokenizer();
            var streamed = string.Concat(ids.Select(detokenizer.Append)) + detokenizer.Flush();
            Assert.Equal(streamed, tokenizer.Decode(ids));
            var expected = golden.GetProperty("decoded_hf").GetString()!;
            if (!expected.Contains('\uFFFD', StringComparison.Ordinal))
            {
                Assert.Equal(expected, streamed);
            }
        });
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Control_tokens_in_user_text_stay_text(string family)
    {
        var tokenizer = Load($"hf/{family}");
        foreach (var control in new[] { "<image>", "<|im_end|>", "<|image_pad|>", "<end_of_turn>", "<s>", "<bos>", "<end_of_utterance>" })
        {
            var ids = tokenizer.Encode([PromptSegment.User(control)]).Ids;
            Assert.DoesNotContain(ids, tokenizer.IsSpecial);
        }
    }

    [Theory]
    [InlineData("llava", 'a')]
    [InlineData("llava", ' ')]
    [InlineData("llava", '\n')]
    [InlineData("llava", '中')]
    [InlineData("qwen2_vl", 'a')]
    [InlineData("qwen2_vl", ' ')]
    [InlineData("qwen2_vl", '\u0301')]
    [InlineData("idefics3", '7')]
    [InlineData("gemma3", '\n')]
    public void A_megabyte_of_one_character_round_trips(string family, char character)
    {
        var tokenizer = Load($"hf/{family}");
        var text = new string(character, 1 << 20);
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode([PromptSegment.User(text)]).Ids));
    }

    [Fact]
    public void The_stripping_of_an_added_token_holds_beside_a_run_of_its_id()
    {
        // phi3: <|assistant|> strips what follows it, <|end|> does not; both are matched before normalisation.
        var tokenizer = Load("tokenizers/phi3");
        foreach (var token in new[] { "<|assistant|>", "<|end|>" })
        {
            var text = tokenizer.Encode([PromptSegment.Template($"a {token} \n b")]).Ids;
            var run = tokenizer.Encode(
                [PromptSegment.Template("a "), PromptSegment.Tokens(tokenizer.IdOf(token)!.Value, 1), PromptSegment.Template(" \n b")]);
            Assert.Equal(text, run.Ids);
        }
    }

    [Fact]
    public void Negative_ids_are_placeholders_like_added_tokens()
    {
        var tokenizer = Load("tokenizers/phi3");
        var encoded = tokenizer.Encode([PromptSegment.Template("a"), PromptSegment.Tokens(-1, 2), PromptSegment.Template("a")]);
        var a = tokenizer.Encode([PromptSegment.Template("a")]).Ids;
        Assert.Equal([.. a, -1, -1, .. a], encoded.Ids);
        Assert.Equal([1], encoded.TokenRunStarts);
    }

    private static List<PromptSegment> Expand(
        string family, List<PromptSegment> segments, JsonElement golden, int imageToken, int[] recorded)
    {
        var text = segments[0].Text;
        switch (family)
        {
            case "paligemma":
                var images = recorded.Count(id => id == imageToken);
                return
                [
                    PromptSegment.Tokens(imageToken, images),
                    PromptSegment.Template("<bos>" + text.Replace("<image>", "", StringComparison.Ordinal) + "\n"),
                ];
            case "gemma3":
                return Split(text, "<start_of_image>", "\n\n<start_of_image>", "<end_of_image>\n\n", imageToken, recorded);
            case "idefics3":
                return Idefics(text, golden, imageToken);
            default:
                var marker = family.StartsWith("qwen", StringComparison.Ordinal) ? "<|image_pad|>" : "<image>";
                return Split(text, marker, "", "", imageToken, recorded);
        }
    }

    private static List<PromptSegment> Split(
        string text, string marker, string before, string behind, int imageToken, int[] recorded)
    {
        // Images without anything between them are one run of the recorded ids: the first takes them all.
        var runs = new Queue<int>(RunLengths(recorded, imageToken));
        var segments = new List<PromptSegment>();
        var parts = text.Split(marker);
        for (var i = 0; i < parts.Length; i++)
        {
            if (i > 0)
            {
                var joins = i > 1 && parts[i - 1].Length == 0 && before.Length == 0;
                segments.Add(PromptSegment.Template(before));
                segments.Add(PromptSegment.Tokens(imageToken, joins ? 0 : runs.Dequeue()));
                segments.Add(PromptSegment.Template(behind));
            }

            segments.Add(PromptSegment.Template(parts[i]));
        }

        Assert.Empty(runs);
        return segments;
    }

    private static List<PromptSegment> Idefics(string text, JsonElement golden, int imageToken)
    {
        const int TokensPerTile = 16;
        var grids = golden.TryGetProperty("rows_cols", out var recorded)
            ? recorded.EnumerateArray().Select(grid => (Rows: grid[0].GetInt32(), Columns: grid[1].GetInt32())).ToList()
            : [];
        var segments = new List<PromptSegment>();
        var parts = text.Split("<image>");
        for (var i = 0; i < parts.Length; i++)
        {
            if (i > 0)
            {
                var (rows, columns) = grids[i - 1];
                for (var row = 1; row <= rows; row++)
                {
                    for (var column = 1; column <= columns; column++)
                    {
                        segments.Add(PromptSegment.Template($"<fake_token_around_image><row_{row}_col_{column}>"));
                        segments.Add(PromptSegment.Tokens(imageToken, TokensPerTile));
                    }

                    segments.Add(PromptSegment.Template("\n"));
                }

                segments.Add(PromptSegment.Template((rows > 0 ? "\n" : "") + "<fake_token_around_image><global-img>"));
                segments.Add(PromptSegment.Tokens(imageToken, TokensPerTile));
                segments.Add(PromptSegment.Template("<fake_token_around_image>"));
            }

            segments.Add(PromptSegment.Template(parts[i]));
        }

        return segments;
    }

    private static IEnumerable<int> RunLengths(int[] ids, int token)
    {
        for (var i = 0; i < ids.Length; i++)
        {
            if (ids[i] == token && (i == 0 || ids[i - 1] != token))
            {
                yield return ids.Skip(i).TakeWhile(id => id == token).Count();
            }
        }
    }

    private static string PlaceholderOf(string family, TextTokenizer tokenizer, int imageToken)
    {
        var text = family switch
        {
            "gemma3" => "<image_soft_token>",
            "qwen2_vl" or "qwen2_5_vl" => "<|image_pad|>",
            _ => "<image>",
        };
        Assert.Equal(imageToken, tokenizer.IdOf(text));
        return text;
    }

    private static IReadOnlyList<PromptSegment> Render(ChatTemplate template, string family, JsonElement golden)
    {
        var tokenizer = Load($"hf/{family}");
        return template.Render(
            TextTestData.PromptOf(golden.GetProperty("messages")),
            new ChatTemplateVariables
            {
                BosToken = tokenizer.BosToken, EosToken = tokenizer.EosToken, ContentForm = ContentForm.List,
            });
    }

    private static bool HasNul(JsonElement entry) => entry.GetProperty("text").GetString()!.Contains('\0', StringComparison.Ordinal);

    private static TextTokenizer Load(string folder) => TextTokenizer.Load(TestData.PathTo("zoo", folder), TokenizerDialect.HuggingFace);

    private static List<JsonElement> Table(string table) =>
        [.. TextTestData.Read(TestData.PathTo("zoo", table)).GetProperty("strings").EnumerateArray()];

    private static List<JsonElement> Cases(string family)
    {
        var goldens = TextTestData.Read(TestData.PathTo("zoo", "hf", family, "goldens.json"));
        return [.. goldens.GetProperty("cases").EnumerateArray()];
    }
}
