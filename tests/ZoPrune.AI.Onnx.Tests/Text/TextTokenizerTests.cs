using System.Text.Json;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Tests.Text;

public class TextTokenizerTests
{
    private static readonly TextTokenizer Gemma3 = TextTokenizer.Load(TextTestData.Gemma3);
    private static readonly TextTokenizer PocketVlm = TextTokenizer.Load(TextTestData.PocketVlm);

    [Fact]
    public void Ids_of_the_string_table_equal_the_recorded_ones()
    {
        var strings = TextTestData.TokenizerTable().GetProperty("strings").EnumerateArray().ToList();
        Assert.Equal(111, strings.Count);
        Assert.All(strings, entry =>
        {
            // The recording interface takes C strings: U+0000 ends them there, so Hugging Face's ids count for that one.
            var text = entry.GetProperty("text").GetString()!;
            var ids = entry.GetProperty(text.Contains('\0', StringComparison.Ordinal) ? "hf_ids" : "ids");
            Assert.Equal(TextTestData.Ids(ids), Gemma3.Encode([PromptSegment.Template(text)]).Ids);
        });
    }

    [Fact]
    public void Decoding_the_string_table_gives_the_recorded_text()
    {
        Assert.All(TextTestData.TokenizerTable().GetProperty("strings").EnumerateArray(), entry =>
        {
            // GenAI gives U+FFFD where every id is a skipped special token; Hugging Face, and we, give no text.
            var expected = entry.TryGetProperty("hf_decoded", out var decoded) ? decoded : entry.GetProperty("decoded");
            Assert.Equal(expected.GetString(), Gemma3.Decode(TextTestData.Ids(entry.GetProperty("ids"))));
        });
    }

    [Fact]
    public void Ids_of_every_recorded_prompt_equal_the_recorded_ones()
    {
        var compared = 0;
        foreach (var (name, golden) in TextTestData.GoldenCases())
        {
            if (!golden.TryGetProperty("input_ids", out var recorded) || recorded.ValueKind != JsonValueKind.Array)
            {
                continue;
            }

            var prompt = golden.GetProperty("prompt").GetString()!;
            if (golden.TryGetProperty("images", out var images) && images.GetArrayLength() > 0)
            {
                var placeholders = string.Concat(Enumerable.Repeat("<image_soft_token>", 256));
                var image = $"\n\n<start_of_image>{placeholders}<end_of_image>\n\n";
                prompt = prompt.Replace("<start_of_image>", image, StringComparison.Ordinal);
            }

            var ids = TextTestData.Ids(recorded);
            Assert.True(ids.SequenceEqual(Gemma3.Encode([PromptSegment.Template(prompt)]).Ids), name);
            compared++;
        }

        Assert.Equal(56, compared);
    }

    [Fact]
    public void Token_runs_give_the_ids_of_the_expanded_prompt_and_tell_where_they_start()
    {
        var expanded = "<bos>\n\n<start_of_image><image_soft_token><image_soft_token><end_of_image>\n\nLook";
        var encoded = Gemma3.Encode(
        [
            PromptSegment.Template("<bos>\n\n<start_of_image>"),
            PromptSegment.Tokens(Gemma3.IdOf("<image_soft_token>")!.Value, 2),
            PromptSegment.Template("<end_of_image>\n\n"),
            PromptSegment.User("Look"),
            PromptSegment.Tokens(9, 0),
            PromptSegment.Tokens(5, 1),
        ]);
        Assert.Equal([.. Gemma3.Encode([PromptSegment.Template(expanded)]).Ids, 5], encoded.Ids);
        Assert.Equal([3, encoded.Ids.Length - 1, encoded.Ids.Length - 1], encoded.TokenRunStarts);
    }

    [Fact]
    public void A_prompt_without_control_tokens_in_user_text_has_the_ids_of_the_whole_prompt_however_it_is_cut()
    {
        const string Prompt = "<bos><start_of_turn>user\n\n\n  Hello, world!  \n\nthe  text<end_of_turn>\n";
        var (start, end) = (Prompt.IndexOf("user", StringComparison.Ordinal), Prompt.IndexOf("<end", StringComparison.Ordinal));
        foreach (var tokenizer in new[] { Gemma3, PocketVlm })
        {
            var whole = tokenizer.Encode([PromptSegment.Template(Prompt)]).Ids;
            for (var from = start; from <= end; from++)
            {
                for (var to = from; to <= end; to++)
                {
                    var (before, user, after) = (Prompt[..from], Prompt[from..to], Prompt[to..]);
                    var cut = tokenizer.Encode([PromptSegment.Template(before), PromptSegment.User(user), PromptSegment.Template(after)]);
                    Assert.Equal(whole, cut.Ids);
                }
            }
        }
    }

    [Theory]
    [InlineData("<end_of_turn>")]
    [InlineData("<pad>")]
    [InlineData("<eos><bos>")]
    [InlineData("<start_of_image><image_soft_token>")]
    [InlineData("<unk>")]
    [InlineData("<table></table>")]
    [InlineData("[multimodal]")]
    public void Control_tokens_in_user_text_stay_text(string text)
    {
        foreach (var tokenizer in new[] { Gemma3, PocketVlm })
        {
            var ids = tokenizer.Encode([PromptSegment.User(text)]).Ids;
            Assert.DoesNotContain(ids, tokenizer.IsSpecial);
            Assert.True(ids.Length > 2);
            Assert.Equal(text, tokenizer.Decode(ids));
        }
    }

    [Fact]
    public void A_control_token_does_not_arise_across_the_border_of_template_and_user_text()
    {
        var control = Gemma3.IdOf("<end_of_turn>")!.Value;
        Assert.Equal([control], Gemma3.Encode([PromptSegment.Template("<end_"), PromptSegment.Template("of_turn>")]).Ids);
        Assert.DoesNotContain(control, Gemma3.Encode([PromptSegment.Template("<end_"), PromptSegment.User("of_turn>")]).Ids);
        Assert.DoesNotContain(control, Gemma3.Encode([PromptSegment.User("<end_"), PromptSegment.Template("of_turn>")]).Ids);
        Assert.DoesNotContain(control, Gemma3.Encode(
            [PromptSegment.Template("<end"), PromptSegment.User("_of_"), PromptSegment.Template("turn>")]).Ids);
    }

    [Fact]
    public void Byte_pieces_written_out_are_ordinary_text()
    {
        var ids = Gemma3.Encode([PromptSegment.User("<0x41>")]).Ids;
        Assert.Equal([310, 298, 365, 302, 299, 312], ids);
    }

    [Fact]
    public void Unpaired_surrogates_are_encoded_as_the_replacement_character()
    {
        foreach (var tokenizer in new[] { Gemma3, PocketVlm })
        {
            var expected = tokenizer.Encode([PromptSegment.User("a\uFFFDb\uFFFD")]).Ids;
            Assert.Equal(expected, tokenizer.Encode([PromptSegment.User("a\uD83Db\uDE00")]).Ids);
        }
    }

    [Fact]
    public void Empty_text_has_no_ids()
    {
        Assert.Empty(Gemma3.Encode([]).Ids);
        Assert.Empty(Gemma3.Encode([PromptSegment.User(""), PromptSegment.Template(""), default]).Ids);
        Assert.Equal("", Gemma3.Decode([]));
    }

    [Theory]
    [InlineData('a')]
    [InlineData(' ')]
    [InlineData('\n')]
    [InlineData('e')]
    public void A_megabyte_of_one_character_round_trips(char character)
    {
        var text = new string(character, 1 << 20);
        Assert.Equal(text, PocketVlm.Decode(PocketVlm.Encode([PromptSegment.User(text)]).Ids));
        Assert.Equal(text, Gemma3.Decode(Gemma3.Encode([PromptSegment.User(text)]).Ids));
    }

    [Fact]
    public void Ids_of_the_pocket_model_follow_its_merge_table()
    {
        // Worked by hand from tokenizer.json: "Ġt"+"he" forms "Ġthe"; a byte without merges is its own id.
        var vocabulary = TextTestData.Read(Path.Combine(TextTestData.PocketVlm, "tokenizer.json"))
            .GetProperty("model").GetProperty("vocab");
        int Piece(string piece) => vocabulary.GetProperty(piece).GetInt32();
        Assert.Equal([Piece("Ġthe")], PocketVlm.Encode([PromptSegment.User(" the")]).Ids);
        Assert.Equal([Piece("ð"), Piece("Ł"), Piece("ĺ"), Piece("Ģ")], PocketVlm.Encode([PromptSegment.User("😀")]).Ids);
        Assert.Equal([Piece("Ā")], PocketVlm.Encode([PromptSegment.User("\0")]).Ids);
    }

    [Fact]
    public void Ids_and_special_tokens_can_be_asked_for()
    {
        Assert.Equal(732, Gemma3.IdOf("<start_of_image>"));
        Assert.Equal(342, Gemma3.IdOf("a"));
        Assert.Null(Gemma3.IdOf("no such piece"));
        Assert.True(Gemma3.IsSpecial(8));
        Assert.False(Gemma3.IsSpecial(24));
        Assert.False(Gemma3.IsSpecial(342));
        Assert.False(Gemma3.IsSpecial(100_000));
        Assert.Equal("<bos>", Gemma3.BosToken);
        Assert.Equal("<eos>", Gemma3.EosToken);
        Assert.Equal("<pad>", Gemma3.PadToken);
        Assert.Equal("<unk>", Gemma3.UnknownToken);
        Assert.Equal(735, Gemma3.VocabularySize);
        Assert.Null(PocketVlm.UnknownToken);
    }
}
