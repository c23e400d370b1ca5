using ZoPrune.AI.Benchmarks.EndToEnd;
using ZoPrune.AI.Benchmarks.Native;

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
        using var benchmark = new ModelBenchmark(model, new EndToEndOptions { Rounds = 1, OutputTokens = 4, Threads = 1 });

        var result = await benchmark.RunAsync(_ => { }, TestContext.Current.CancellationToken);

        Assert.Equal(model.Budgets, result.PromptTokens.Keys.Order());
        foreach (var kept in model.Budgets)
        {
            Assert.Equal(model.AllTokens - kept, result.PromptTokens[model.AllTokens] - result.PromptTokens[kept]);
            Assert.True(double.IsFinite(result.Samples.Ratio(Measures.FirstToken(kept), Measures.Bare(kept))));
            Assert.InRange(result.Samples.Median(Measures.Vision(kept)), 0, result.Samples.Median(Measures.FirstToken(kept)));
        }

        Assert.True(result.Samples.Median(Measures.Rate(model.AllTokens)) > 0);
        Assert.Equal(opensInGenAI, model.OpensInGenAI);
        Assert.Equal(opensInGenAI && GenAILibrary.IsPresent, result.Samples.Has(Measures.GenAIFirstToken));
    }
}
