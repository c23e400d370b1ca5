using Microsoft.Extensions.AI;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public class ConcurrencyTests(SharedClient shared)
{
    [Fact]
    public async Task Sixteen_calls_at_once_give_what_they_give_one_after_another()
    {
        var token = TestContext.Current.CancellationToken;
        var goldens = Enumerable.Range(0, 16).Select(i => Golden.All[i * 43]).ToArray();
        var options = new ChatOptions().WithPruning(p => p.KeepRatio = 0.25);

        var serial = new List<(string, string)>();
        foreach (var golden in goldens)
        {
            serial.Add(Describe(await shared.Client.GetResponseAsync([golden.ToMessage()], options, token)));
        }

        var together = await Task.WhenAll(
            goldens.Select(async g => Describe(await shared.Client.GetResponseAsync([g.ToMessage()], options, token))));
        Assert.Equal(serial, together);
        Assert.True(serial.Select(s => s.Item2).Distinct().Count() > 8);
    }

    [Fact]
    public async Task Calls_that_wait_for_the_same_loading_all_get_the_model()
    {
        using var client = Clients.Create();
        var golden = Golden.First;
        var texts = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
            (await client.GetResponseAsync([golden.ToMessage()], Clients.Unpruned(), TestContext.Current.CancellationToken)).Text));
        Assert.All(texts, t => Assert.Equal(golden.Text, t));
    }

    private static (string Text, string Kept) Describe(ChatResponse response) =>
        (response.Text, string.Join(",", response.GetPruningReport()!.Images[0].Kept));
}
