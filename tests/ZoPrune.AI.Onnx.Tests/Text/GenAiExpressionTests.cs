using System.Text.RegularExpressions;
using ZoPrune.AI.Onnx.Text.Tokenizers;

namespace ZoPrune.AI.Onnx.Tests.Text;

/// <summary>Cuts worked out by hand from the matchers of onnxruntime-extensions (<c>bpe_utils.hpp</c>).</summary>
public class GenAiExpressionTests
{
    private const string Tekken = @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*"
        + @"|\s*[\r\n]+|\s+(?!\S)|\s+";

    [Theory]
    [InlineData("camelCase HTTPServer", "camel|Case| HTTPServer")]
    [InlineData("ABC", "ABC")]
    [InlineData("\u4E2D\u6587A1", "\u4E2D\u6587A|1")]
    [InlineData("\u4E2D\u6587Ab", "\u4E2D\u6587Ab")]
    [InlineData(",\n/b", ",\n|/b")]
    [InlineData("a  \n  b", "a|  \n | b")]
    [InlineData("a \n\n", "a| \n\n")]
    [InlineData("a\n\n  b", "a|\n\n| | b")]
    [InlineData("1 2", "1| |2")]
    public void Text_is_cut_as_GenAI_does(string text, string expected)
    {
        var splitter = new RegexSplitter([new Regex(GenAiExpressions.Translate(Tekken), RegexOptions.CultureInvariant)]);
        Assert.Equal(
            expected.Split('|'),
            splitter.Split(text).Select(piece => text.Substring(piece.Start, piece.Length)));
    }

    [Fact]
    public void Unknown_expressions_stay_as_they_are() => Assert.Equal(@"\w+|x", GenAiExpressions.Translate(@"\w+|x"));
}
