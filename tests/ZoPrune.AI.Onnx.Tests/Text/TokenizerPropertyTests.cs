using System.Text;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Tests.Text;

public class TokenizerPropertyTests
{
    private static readonly TextTokenizer PocketVlm = TextTokenizer.Load(TextTestData.PocketVlm);
    private static readonly TextTokenizer Gemma3 = TextTokenizer.Load(TextTestData.Gemma3);

    [Fact]
    public void Byte_level_encoding_round_trips_any_unicode_text() =>
        Prop.ForAll(AnyText(), text => PocketVlm.Decode(PocketVlm.Encode([PromptSegment.User(text)]).Ids) == text)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Byte_fallback_encoding_round_trips_any_unicode_text_without_the_space_sign() =>
        Prop.ForAll(AnyText(), text =>
        {
            var plain = text.Replace("\u2581", "", StringComparison.Ordinal);
            return Gemma3.Decode(Gemma3.Encode([PromptSegment.User(plain)]).Ids) == plain;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void User_text_never_has_special_ids() =>
        Prop.ForAll(ControlText(), text =>
            !Gemma3.Encode([PromptSegment.User(text)]).Ids.Any(Gemma3.IsSpecial)
            && !PocketVlm.Encode([PromptSegment.User(text)]).Ids.Any(PocketVlm.IsSpecial)).QuickCheckThrowOnFailure();

    [Fact]
    public void Merging_equals_a_plain_loop_over_the_merge_table()
    {
        var model = TextTestData.Read(Path.Combine(TextTestData.PocketVlm, "tokenizer.json")).GetProperty("model");
        var vocabulary = model.GetProperty("vocab").EnumerateObject()
            .ToDictionary(piece => piece.Name, piece => piece.Value.GetInt32(), StringComparer.Ordinal);
        var merges = model.GetProperty("merges").EnumerateArray().Select(m => m.GetString()!.Split(' ')).ToList();
        var words = new Regex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+");
        Prop.ForAll(AsciiText(), text =>
        {
            var expected = words.Matches(text).SelectMany(word => Merge(word.Value)).Select(piece => vocabulary[piece]);
            return expected.SequenceEqual(PocketVlm.Encode([PromptSegment.User(text)]).Ids);
        }).QuickCheckThrowOnFailure();

        List<string> Merge(string word)
        {
            var pieces = word.Select(c => c == ' ' ? "Ġ" : c == '\n' ? "Ċ" : c.ToString()).ToList();
            foreach (var merge in merges)
            {
                for (var i = 0; i + 1 < pieces.Count; i++)
                {
                    if (pieces[i] == merge[0] && pieces[i + 1] == merge[1])
                    {
                        pieces[i] += pieces[i + 1];
                        pieces.RemoveAt(i + 1);
                    }
                }
            }

            return pieces;
        }
    }

    private static Arbitrary<string> AnyText() =>
        Gen.OneOf(Gen.Choose(0, 0x7F), Gen.Choose(0, 0x7FF), Gen.Choose(0, 0xD7FF), Gen.Choose(0xE000, 0x10FFFF))
            .Select(value => char.ConvertFromUtf32(value)).ListOf().Select(string.Concat).ToArbitrary();

    private static Arbitrary<string> AsciiText() =>
        Gen.Elements("the image", " at", "top", "right", "a", "e", "r", "t", "h", " ", "\n", "it's", "12", "!?").ListOf()
            .Select(string.Concat).ToArbitrary();

    private static Arbitrary<string> ControlText() =>
        Gen.Elements(
                "<pad>", "<eos>", "<bos>", "<", ">", "<start_of_turn>", "end_of_turn>", "\n\n", "<image_soft_token>", "▁▁", "x", " ",
                "<unk>", "[multimodal]")
            .ListOf().Select(string.Concat).ToArbitrary();
}
