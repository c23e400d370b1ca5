using ZoPrune.AI.Benchmarks.EndToEnd.Memory;

namespace ZoPrune.AI.Benchmarks.Tests.EndToEnd;

public sealed class MemoryBenchmarkTests(TinyCases cases) : IClassFixture<TinyCases>
{
    private const long MebiByte = 1024 * 1024;

    [Fact]
    public async Task Processes_of_their_own_say_what_they_needed()
    {
        var result = await MemoryBenchmark.RunAsync(
            cases.Get("llava-like"), promptTokens: 629, threads: 1, TestContext.Current.CancellationToken);

        Assert.Contains(MemoryCase.Sessions, result.PeakBytes.Keys);
        Assert.Contains(MemoryCase.Client, result.PeakBytes.Keys);
        Assert.Contains(MemoryCase.ClientPruned, result.PeakBytes.Keys);
        Assert.All(result.PeakBytes.Values, peak => Assert.InRange(peak, 20 * MebiByte, 1024 * MebiByte));
    }

    [Fact]
    public async Task A_process_that_fails_is_an_error_with_its_own_words()
    {
        var absent = cases.Get("llava-like") with { Folder = Path.Combine(cases.Root, "absent") };

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(
            () => MemoryBenchmark.RunAsync(absent, promptTokens: 629, threads: 1, TestContext.Current.CancellationToken));

        Assert.Contains("absent", fault.Message, StringComparison.Ordinal);
    }
}
