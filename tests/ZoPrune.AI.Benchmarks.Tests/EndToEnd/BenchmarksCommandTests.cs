namespace ZoPrune.AI.Benchmarks.Tests.EndToEnd;

public sealed class BenchmarksCommandTests
{
    [Theory]
    [InlineData("'--speed'", "end-to-end", "--speed")]
    [InlineData("--rounds must be at least 1", "end-to-end", "--rounds", "0")]
    [InlineData("None of these kinds", "end-to-end", "--kinds", "qwen2.5-vl-like", "--sizes", "7b-vision")]
    public async Task Wrong_arguments_are_told(string expected, params string[] arguments)
    {
        using var error = new StringWriter();

        var code = await BenchmarksCommand.RunAsync(arguments, TextWriter.Null, error);

        Assert.Equal(2, code);
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
    }
}
