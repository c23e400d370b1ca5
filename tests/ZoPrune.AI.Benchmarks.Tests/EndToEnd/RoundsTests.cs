using ZoPrune.AI.Benchmarks.EndToEnd;

namespace ZoPrune.AI.Benchmarks.Tests.EndToEnd;

public sealed class RoundsTests
{
    [Fact]
    public async Task Alternatives_take_turns_and_warm_ups_do_not_count()
    {
        var order = new List<string>();

        var samples = await Rounds.RunAsync(
            [Logging("a"), Logging("b")], warmUps: 1, rounds: 3, _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal("ba ab ba ab", string.Join(' ', order.Chunk(2).Select(round => string.Concat(round))));

        // a ran at 2, 3, 6 and 7, and what it gave is when it ran; the first is the warm-up.
        Assert.Equal(6, samples.Median("a"));
        Assert.Equal(5, samples.Median("b"));

        Alternative Logging(string name) => new(name, _ =>
        {
            order.Add(name);
            return Task.FromResult<IReadOnlyList<(string, double)>>([(name, order.Count)]);
        });
    }
}
