using System.Text.Json;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Pruning;
using ZoPrune.AI.Testing;
using ZoPrune.AI.Tests.Support;

namespace ZoPrune.AI.Tests;

public class PruningTests(SharedClient shared)
{
    private static readonly JsonElement Reference =
        JsonDocument.Parse(File.ReadAllBytes(TestData.PathTo("pocket-vlm", "pruned.json"))).RootElement.GetProperty("images")[0];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_report_says_what_was_kept_and_what_ran()
    {
        var image = await AskAsync(p => (p.KeepRatio, p.Selector) = (0.25, TokenSelection.Sads));
        Assert.Equal(new TokenGrid(16, 16), image.Grid);
        Assert.Equal(256, image.VisualTokens);
        Assert.Equal(64, image.VisualTokensKept);
        Assert.Equal(image.Kept.Order().Distinct(), image.Kept);
        Assert.Equal(image.Kept, image.PickOrder.Order());
        Assert.Equal("sads", image.Selector);
        Assert.NotNull(image.Estimator);
        Assert.Null(image.Sensitivities);
    }

    [Fact]
    public async Task Sads_picks_what_the_reference_picks_up_to_its_first_close_call()
    {
        var picks = Reference.GetProperty("picks").EnumerateArray().Select(p => p.GetInt32()).ToArray();
        var sure = Reference.GetProperty("leads").EnumerateArray().TakeWhile(l => l.GetDouble() > 1e-4).Count();
        Assert.True(sure > 10);

        Assert.Equal(Golden.First.Image, Reference.GetProperty("image").GetString());
        var image = await AskAsync(
            p => (p.KeepRatio, p.Selector, p.Estimator) = (0.25, TokenSelection.Sads, SensitivityEstimation.ClosedForm));
        Assert.Equal(picks[..sure], image.PickOrder.Take(sure));
    }

    [Fact]
    public async Task A_ratio_of_one_keeps_all_and_the_report_says_why_nothing_happened()
    {
        var image = await AskAsync(p => p.KeepRatio = 1);
        Assert.False(image.Pruned);
        Assert.Equal(Enumerable.Range(0, 256), image.Kept);
        Assert.Contains("kept all", Assert.Single(image.Notes), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TokenSelection.SadsProportional)]
    [InlineData(TokenSelection.Sads)]
    [InlineData(TokenSelection.DivPrune)]
    [InlineData(TokenSelection.TopSensitivity)]
    [InlineData(TokenSelection.Random)]
    [InlineData(TokenSelection.UniformGrid)]
    public async Task Every_rule_runs_and_keeps_what_it_may(TokenSelection rule)
    {
        var image = await AskAsync(p => (p.Selector, p.KeepRatio) = (rule, 0.125));
        Assert.Equal(32, image.Kept.Count);
        Assert.NotNull(image.Selector);
    }

    [Fact]
    public async Task Limits_of_tokens_hold_whatever_the_ratio()
    {
        Assert.Equal(10, (await AskAsync(p => (p.KeepRatio, p.MaxVisualTokens) = (0.5, 10))).VisualTokensKept);
        Assert.Equal(100, (await AskAsync(p => (p.KeepRatio, p.MinVisualTokens) = (0.01, 100))).VisualTokensKept);
        Assert.Equal(20, (await AskAsync(p => (p.KeepRatio, p.MaxVisualTokens) = (1, 20))).VisualTokensKept);
    }

    [Fact]
    public async Task Estimators_differ_in_name_and_agree_on_most()
    {
        var closed = await AskAsync(
            p => (p.Estimator, p.Selector, p.KeepRatio) = (SensitivityEstimation.ClosedForm, TokenSelection.TopSensitivity, 0.25));
        var zeroth = await AskAsync(
            p => (p.Estimator, p.Selector, p.KeepRatio) = (SensitivityEstimation.ZerothOrder, TokenSelection.TopSensitivity, 0.25));
        Assert.NotEqual(closed.Estimator, zeroth.Estimator);
        Assert.InRange(closed.Kept.Intersect(zeroth.Kept).Count(), 50, 64);
    }

    [Fact]
    public async Task Sensitivities_are_reported_on_request_also_where_nothing_is_pruned()
    {
        var expected = Reference.GetProperty("sensitivity").EnumerateArray().Select(s => s.GetDouble()).ToArray();
        var image = await AskAsync(p => (p.KeepRatio, p.IncludeSensitivities, p.Estimator) = (1, true, SensitivityEstimation.ClosedForm));
        Assert.Equal(expected.Length, image.Sensitivities!.Count);
        Assert.All(expected.Zip(image.Sensitivities), pair => Assert.Equal(pair.First, pair.Second, 1e-4 * pair.First));
    }

    [Fact]
    public async Task The_seed_decides_random_selection_and_directions()
    {
        async Task<string> KeptAsync(int seed, TokenSelection rule) =>
            string.Join(
                ",", (await AskAsync(p => (p.Seed, p.Selector, p.Estimator) = (seed, rule, SensitivityEstimation.ZerothOrder))).PickOrder);

        foreach (var rule in new[] { TokenSelection.Random, TokenSelection.TopSensitivity })
        {
            Assert.Equal(await KeptAsync(1, rule), await KeptAsync(1, rule));
            Assert.NotEqual(await KeptAsync(1, rule), await KeptAsync(2, rule));
        }
    }

    [Fact]
    public async Task A_linear_projector_behind_a_normalisation_is_measured_together_with_it()
    {
        using var client = Clients.Create(o => o.ModelPath = Clients.Gemma3Folder);
        var response = await client.GetResponseAsync([Golden.First.ToMessage()], new ChatOptions { MaxOutputTokens = 2 }, Token);
        var image = Assert.Single(response.GetPruningReport()!.Images);
        Assert.Equal("normalized-linear", image.Estimator);
        Assert.DoesNotContain(image.Notes, n => n.Contains("diversity alone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_linear_projector_is_pruned_by_diversity_and_says_so()
    {
        using var client = Clients.Create(o => o.ProjectorInput = Clients.BareAffineMap);
        var response = await client.GetResponseAsync([Golden.First.ToMessage()], new ChatOptions { MaxOutputTokens = 2 }, Token);
        var image = Assert.Single(response.GetPruningReport()!.Images);
        Assert.True(image.Pruned);
        Assert.Contains(image.Notes, n => n.Contains("diversity alone", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stage_times_are_there_for_every_stage_that_ran()
    {
        using var client = Clients.Create(Clients.WithFreshCaches);
        var response = await client.GetResponseAsync(
            [Golden.Longest.ToMessage()], new ChatOptions().WithPruning(p => p.Selector = TokenSelection.Sads), Token);
        var times = response.GetStageTimes()!;
        Assert.All(
            [times.ImageDecode, times.ImagePreprocess, times.Vision, times.Sensitivity, times.Selection, times.Prefill, times.Decode],
            time => Assert.True(time > TimeSpan.Zero));

        Assert.True(times.FirstToken >= times.Vision + times.Prefill);

        var text = await client.GetResponseAsync("hello", new ChatOptions { MaxOutputTokens = 2 }, Token);
        Assert.Equal(TimeSpan.Zero, text.GetStageTimes()!.Vision);
        Assert.True(text.GetStageTimes()!.Prefill > TimeSpan.Zero);
    }

    [Fact]
    public async Task Reports_survive_a_response_that_was_written_as_JSON()
    {
        var response = await shared.Client.GetResponseAsync(
            [Golden.First.ToMessage()], new ChatOptions().WithPruning(p => p.IncludeSensitivities = true), Token);
        var json = JsonSerializer.Serialize(response, AIJsonUtilities.DefaultOptions);
        var back = JsonSerializer.Deserialize<ChatResponse>(json, AIJsonUtilities.DefaultOptions)!;
        var (before, after) = (response.GetPruningReport()!.Images[0], back.GetPruningReport()!.Images[0]);
        Assert.Equal(before.Grid, after.Grid);
        Assert.Equal(before.Kept, after.Kept);
        Assert.Equal(before.Sensitivities, after.Sensitivities);
        Assert.Equal(before.SelectionTime, after.SelectionTime);
        Assert.Equal(response.GetStageTimes(), back.GetStageTimes());
    }

    [Fact]
    public void Answers_of_others_have_no_report()
    {
        Assert.Null(new ChatResponse().GetPruningReport());
        Assert.Null(new ChatResponse().GetStageTimes());
        Assert.Null(new ChatResponseUpdate { AdditionalProperties = new() { [ZoPruneUsage.PruningReport] = "no" } }.GetPruningReport());
    }

    [Fact]
    public async Task Overrides_out_of_range_are_errors_with_the_number()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => AskAsync(p => p.KeepRatio = 2));
        Assert.Contains("KeepRatio is 2", error.Message, StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<ArgumentException>(() => AskAsync(p => (p.MinVisualTokens, p.MaxVisualTokens) = (9, 8)));
        Assert.Contains("MinVisualTokens is 9", error.Message, StringComparison.Ordinal);
    }

    private async Task<ImagePruningReport> AskAsync(Action<PruningOverrides> configure)
    {
        var options = new ChatOptions { MaxOutputTokens = 1 }.WithPruning(configure);
        var response = await shared.Client.GetResponseAsync([Golden.First.ToMessage()], options, Token);
        return Assert.Single(response.GetPruningReport()!.Images);
    }
}
