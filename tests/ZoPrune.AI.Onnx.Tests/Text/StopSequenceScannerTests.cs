using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Onnx.Tests.Text;

public class StopSequenceScannerTests
{
    [Fact]
    public void Text_without_a_stop_passes_unchanged()
    {
        var scanner = new StopSequenceScanner(["\n\n"]);
        Assert.Equal("Hello", scanner.Append("Hello"));
        Assert.Equal("", scanner.Flush());
        Assert.False(scanner.IsStopped);
    }

    [Fact]
    public void No_stops_hold_nothing_back()
    {
        var scanner = new StopSequenceScanner([]);
        Assert.Equal("anything", scanner.Append("anything"));
        Assert.Equal("", scanner.Append(""));
        Assert.Equal("", scanner.Flush());
    }

    [Fact]
    public void A_possible_stop_at_the_end_is_held_back_and_released_when_it_does_not_come()
    {
        var scanner = new StopSequenceScanner(["STOP"]);
        Assert.Equal("go ", scanner.Append("go ST"));
        Assert.Equal("", scanner.Append("O"));
        Assert.Equal("STOx", scanner.Append("x"));
        Assert.Equal("", scanner.Append("S"));
        Assert.Equal("S", scanner.Flush());
        Assert.False(scanner.IsStopped);
    }

    [Fact]
    public void A_stop_across_pieces_ends_the_text_before_it()
    {
        var scanner = new StopSequenceScanner(["STOP"]);
        Assert.Equal("go ", scanner.Append("go ST"));
        Assert.Equal("", scanner.Append("OP and more"));
        Assert.True(scanner.IsStopped);
        Assert.Equal("STOP", scanner.StopSequence);
        Assert.Equal("", scanner.Append("even more"));
        Assert.Equal("", scanner.Flush());
    }

    [Theory]
    [InlineData("a b END c STOP", new[] { "STOP", "END" }, "a b ", "END")]
    [InlineData("aab", new[] { "ab" }, "a", "ab")]
    [InlineData("ababac", new[] { "abac" }, "ab", "abac")]
    [InlineData("xabcd", new[] { "bcd", "abcd" }, "x", "abcd")]
    [InlineData("abcd", new[] { "abcd", "bc" }, "a", "bc")]
    [InlineData("aaaa", new[] { "aa" }, "", "aa")]
    [InlineData("x😀", new[] { "😀" }, "x", "😀")]
    public void The_stop_that_is_complete_first_wins_however_the_text_is_cut(string text, string[] stops, string expected, string stop)
    {
        for (var size = 1; size <= text.Length; size++)
        {
            var scanner = new StopSequenceScanner(stops);
            var passed = string.Concat(text.Chunk(size).Select(chunk => scanner.Append(new string(chunk)))) + scanner.Flush();
            Assert.Equal(expected, passed);
            Assert.Equal(stop, scanner.StopSequence);
        }
    }

    [Fact]
    public void Any_text_is_cut_where_a_search_in_the_whole_text_cuts_it()
    {
        var random = new Random(11);
        for (var round = 0; round < 2000; round++)
        {
            var text = Letters(random, 12);
            var stops = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Letters(random, random.Next(1, 4))).ToArray();
            var scanner = new StopSequenceScanner(stops);
            var passed = "";
            for (var position = 0; position < text.Length;)
            {
                var length = Math.Min(random.Next(1, 5), text.Length - position);
                passed += scanner.Append(text.Substring(position, length));
                position += length;
            }

            passed += scanner.Flush();
            var end = Enumerable.Range(1, text.Length).FirstOrDefault(e => stops.Any(s => text[..e].EndsWith(s, StringComparison.Ordinal)));
            var expected = end == 0
                ? text
                : text[..(end - stops.Where(s => text[..end].EndsWith(s, StringComparison.Ordinal)).Max(s => s.Length))];
            Assert.Equal(expected, passed);
            Assert.Equal(end > 0, scanner.IsStopped);
        }
    }

    [Fact]
    public void An_empty_stop_sequence_is_an_error() =>
        Assert.Throws<ArgumentException>(() => new StopSequenceScanner(["x", ""]));

    private static string Letters(Random random, int count) =>
        string.Concat(Enumerable.Range(0, count).Select(_ => (char)('a' + random.Next(2))));
}
