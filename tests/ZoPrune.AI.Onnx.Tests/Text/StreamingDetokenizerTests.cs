using System.Text;
using System.Text.Json;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Tests.Text;

public class StreamingDetokenizerTests
{
    private static readonly TextTokenizer Gemma3 = TextTokenizer.Load(TextTestData.Gemma3);
    private static readonly TextTokenizer PocketVlm = TextTokenizer.Load(TextTestData.PocketVlm);

    // Deviation: GenAI drops bytes that are not UTF-8 (and lets a broken lead byte swallow what follows); we give U+FFFD and lose nothing.
    // The recorded streams with such bytes are listed here with what the Unicode Standard (15.0, section 3.9, maximal subparts) asks for.
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

    [Fact]
    public void Recorded_streams_give_the_recorded_pieces()
    {
        var streams = TextTestData.TokenizerTable().GetProperty("streams").EnumerateArray().ToList();
        Assert.Equal(15, streams.Count);
        Assert.All(streams, stream =>
        {
            var ids = TextTestData.Ids(stream.GetProperty("ids"));
            if (BrokenStreams.TryGetValue(stream.GetProperty("name").GetString()!, out var repaired))
            {
                Assert.Equal(repaired, string.Concat(Pieces(Gemma3, ids)));
                Assert.Equal(repaired, Gemma3.Decode(ids));
                return;
            }

            Assert.Equal([.. Texts(stream.GetProperty("pieces")), ""], Pieces(Gemma3, ids));
            Assert.Equal(stream.GetProperty("decoded").GetString(), Gemma3.Decode(ids));
        });
    }

    [Fact]
    public void Generated_ids_of_every_golden_case_give_the_recorded_pieces_and_text()
    {
        var compared = 0;
        foreach (var (name, golden) in TextTestData.GoldenCases())
        {
            if (!golden.TryGetProperty("pieces", out var recorded) || recorded.ValueKind != JsonValueKind.Array)
            {
                continue;
            }

            var ids = TextTestData.Ids(golden.GetProperty("generated_ids"));
            var pieces = Texts(recorded).ToList();
            var streamed = Pieces(Gemma3, ids);
            Assert.True(pieces.SequenceEqual(streamed.Take(ids.Length)), name);
            Assert.Equal("", streamed[^1]);
            Assert.Equal(golden.GetProperty("text").GetString(), Gemma3.Decode(ids));
            compared++;
        }

        Assert.True(compared >= 40, $"{compared} cases");
    }

    [Fact]
    public void Generated_ids_of_the_pocket_model_give_the_recorded_answers()
    {
        var answers = TextTestData.Read(Testing.TestData.PathTo("pocket-vlm", "goldens.json")).GetProperty("answers");
        Assert.Equal(700, answers.GetArrayLength());
        Assert.All(answers.EnumerateArray(), answer =>
            Assert.Equal(answer.GetProperty("text").GetString(), PocketVlm.Decode(TextTestData.Ids(answer.GetProperty("ids")))));
    }

    [Fact]
    public void A_character_is_given_when_its_last_byte_arrives_and_never_split()
    {
        var ids = PocketVlm.Encode([PromptSegment.User("é😀")]).Ids;
        Assert.Equal(["", "é", "", "", "", "😀", ""], Pieces(PocketVlm, ids));
    }

    [Fact]
    public void Incomplete_bytes_are_released_by_the_flush()
    {
        var detokenizer = PocketVlm.CreateDetokenizer();
        foreach (var id in PocketVlm.Encode([PromptSegment.User("😀")]).Ids[..3])
        {
            Assert.Equal("", detokenizer.Append(id));
        }

        Assert.Equal("\uFFFD", detokenizer.Flush());
        Assert.Equal("", detokenizer.Flush());
    }

    [Fact]
    public void A_special_token_between_the_bytes_of_a_character_does_not_break_it()
    {
        var ids = PocketVlm.Encode([PromptSegment.User("é")]).Ids;
        Assert.Equal(["", "", "é", ""], Pieces(PocketVlm, [ids[0], PocketVlm.IdOf("<pad>")!.Value, ids[1]]));
    }

    [Fact]
    public void A_negative_id_is_an_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Gemma3.CreateDetokenizer().Append(-1));

    [Fact]
    public void Streaming_any_ids_gives_whole_characters_and_the_text_of_their_bytes()
    {
        // The bytes of each token are read from the file here, independently of the code under test.
        var bytes = ByteAlphabetOf(TextTestData.PocketVlm);
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var ids = Enumerable.Range(0, 40).Select(_ => random.Next(8, 456)).ToArray();
            var pieces = Pieces(PocketVlm, ids);
            Assert.All(pieces, piece => Assert.True(IsWellFormed(piece)));
            Assert.Equal(Encoding.UTF8.GetString([.. ids.SelectMany(id => bytes[id])]), string.Concat(pieces));
        }
    }

    private static bool IsWellFormed(string text) => new UTF8Encoding(false, true) is var strict && strict.GetByteCount(text) >= 0;

    private static List<string> Pieces(TextTokenizer tokenizer, int[] ids)
    {
        var detokenizer = tokenizer.CreateDetokenizer();
        return [.. ids.Select(detokenizer.Append).ToList(), detokenizer.Flush()];
    }

    private static IEnumerable<string> Texts(JsonElement texts) => texts.EnumerateArray().Select(text => text.GetString()!);

    private static Dictionary<int, byte[]> ByteAlphabetOf(string folder)
    {
        // GPT-2's bytes_to_unicode, as published.
        int[] printable =
            [.. Enumerable.Range(0x21, 0x7E - 0x20), .. Enumerable.Range(0xA1, 0xAC - 0xA0), .. Enumerable.Range(0xAE, 0xFF - 0xAD)];
        var alphabet = printable.ToDictionary(value => (char)value, value => (byte)value);
        foreach (var (value, index) in Enumerable.Range(0, 256).Except(printable).Order().Select((value, index) => (value, index)))
        {
            alphabet[(char)(256 + index)] = (byte)value;
        }

        var vocabulary = TextTestData.Read(Path.Combine(folder, "tokenizer.json")).GetProperty("model").GetProperty("vocab");
        return vocabulary.EnumerateObject().Where(piece => piece.Value.GetInt32() >= 8)
            .ToDictionary(piece => piece.Value.GetInt32(), piece => piece.Name.Select(character => alphabet[character]).ToArray());
    }
}
