using ZoPrune.AI.Benchmarks.EndToEnd;
using ZoPrune.AI.Benchmarks.EndToEnd.Models;
using ZoPrune.AI.Benchmarks.Native;
using ZoPrune.AI.SyntheticVlm.Kinds;

namespace ZoPrune.AI.Benchmarks.Tests.EndToEnd;

public sealed class ModelBenchmarkTests(TinyCases cases) : IClassFixture<TinyCases>
{
    [Theory]
    [InlineData("llava-like", true)]
    [InlineData("qwen2.5-vl-like", true)]
    [InlineData("next-like", false)]
    public async Task Every_budget_is_measured_on_prompts_that_are_shorter_by_what_was_pruned(string kind, bool opensInGenAI)
    {
        var model = cases.Get(kind);
        var options = new EndToEndOptions { Rounds = 1, OutputTokens = 4, Threads = 1 };

        var result = await ModelBenchmark.RunAsync(model, options, _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal(model.Budgets, result.PromptTokens.Keys.Order());
        foreach (var kept in model.Budgets)
        {
            Assert.Equal(model.AllTokens - kept, result.PromptTokens[model.AllTokens] - result.PromptTokens[kept]);
            Assert.True(double.IsFinite(result.Samples.Ratio(Measures.FirstToken(kept), Measures.Bare(kept))));
            Assert.InRange(result.Samples.Median(Measures.Vision(kept)), 0, result.Samples.Median(Measures.FirstToken(kept)));
        }

        Assert.InRange(result.BytesPerToken!.Value, 1, 1_000_000);
        Assert.Equal(opensInGenAI, model.OpensInGenAI);
        foreach (var usesGenAI in new[] { false, true })
        {
            Assert.Equal(opensInGenAI && GenAILibrary.IsPresent, result.Samples.Has(Measures.GenAIFirstToken(usesGenAI)));
            if (result.Samples.Has(Measures.GenAIRate(usesGenAI)))
            {
                Assert.True(result.Samples.Ratio(Measures.PairedRate(usesGenAI), Measures.GenAIRate(usesGenAI)) > 0);
                Assert.True(result.Samples.Ratio(Measures.PairedFirstToken(usesGenAI), Measures.GenAIFirstToken(usesGenAI)) > 0);
            }
        }
    }

    [Fact]
    public async Task Of_a_model_that_is_cut_short_the_vision_stage_alone_is_measured()
    {
        var model = cases.Get("llava-like") with { Size = ModelSize.VisionStage };
        var options = new EndToEndOptions { Rounds = 1, OutputTokens = 4, Threads = 1 };

        var result = await ModelBenchmark.RunAsync(model, options, _ => { }, TestContext.Current.CancellationToken);

        Assert.Equal([64, 128, 192], result.PromptTokens.Keys.Order());
        Assert.True(result.Samples.Ratio(Measures.Pruning(64), Measures.Vision(64)) > 0);
        Assert.False(result.Samples.Has(Measures.Bare(64)));
        Assert.False(result.Samples.Has(Measures.GenAIFirstToken(usesGenAI: false)));
        Assert.Null(result.BytesPerToken);
        var report = EndToEndReport.Create(options, new EndToEndResult([result], [], [], []));
        Assert.Contains(
            "| llava-like 7b-vision: sensitivity and selection against the vision graph, 64 of 576 tokens |", report, StringComparison.Ordinal);
        Assert.DoesNotContain("7b-vision: time to first token", report, StringComparison.Ordinal);
    }
}
