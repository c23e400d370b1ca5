using ZoPrune.AI.Benchmarks.EndToEnd.Estimators;
using ZoPrune.AI.Benchmarks.EndToEnd.Memory;
using ZoPrune.AI.Benchmarks.EndToEnd.Models;
using ZoPrune.AI.Benchmarks.Reporting;
using static ZoPrune.AI.Benchmarks.Reporting.Figures;

namespace ZoPrune.AI.Benchmarks.EndToEnd;

/// <summary>The ratios that everything else is about, one line each, to be quoted.</summary>
internal static class SummaryTable
{
    /// <summary>Makes the table; what was not measured has no line.</summary>
    public static MarkdownTable Create(EndToEndResult result)
    {
        var table = new MarkdownTable("ratio, median of rounds", "value");
        foreach (var (model, samples, _, _) in result.Models)
        {
            var least = model.Budgets[0];
            if (!model.IsCutShort)
            {
                table.Row(
                    $"{model.Name}: time to first token, client against bare sessions, "
                        + $"the most of {string.Join(", ", model.Budgets)} tokens",
                    Ratio(model.Budgets.Max(kept => samples.Ratio(Measures.FirstToken(kept), Measures.Bare(kept)))));
                table.Row(
                    $"{model.Name}: time to first token, unpruned against {least} of {model.AllTokens} tokens",
                    Ratio(samples.Ratio(Measures.FirstToken(model.AllTokens), Measures.FirstToken(least))));
            }

            table.Row(
                $"{model.Name}: sensitivity and selection against the vision graph, {least} of {model.AllTokens} tokens",
                Ratio(samples.Ratio(Measures.Pruning(least), Measures.Vision(least))));
            if (samples.Has(Measures.GenAIFirstToken(usesGenAI: false)))
            {
                table.Row(
                    $"{model.Name}: unpruned, time to first token against GenAI's",
                    Ratio(samples.Ratio(Measures.PairedFirstToken(usesGenAI: false), Measures.GenAIFirstToken(usesGenAI: false))));
                table.Row(
                    $"{model.Name}: unpruned, tokens a second against GenAI's",
                    Ratio(samples.Ratio(Measures.PairedRate(usesGenAI: false), Measures.GenAIRate(usesGenAI: false))));
            }
        }

        foreach (var estimates in result.Estimators.GroupBy(e => e.Model))
        {
            var rounded = estimates.Single(e => e.Estimator == ComparedEstimators.EightBit);
            table.Row(
                $"{estimates.Key}: sensitivities, finite differences (m = 64) against the closed form in eight bits",
                Ratio(estimates.Single(e => e.Estimator == ComparedEstimators.Differences).TimeAgainstEightBit));
            table.Row(
                $"{estimates.Key}: the closed form in eight bits against the exact one, Spearman (no ratio)",
                Correlation(rounded.Spearman));
            table.Row(
                $"{estimates.Key}: tokens kept by both of these, the least of all budgets and both rules (no ratio)",
                Percent(rounded.InCommon.Concat(rounded.InCommonAsPublished).Min()));
        }

        foreach (var (model, peaks) in result.Memory)
        {
            table.Row(
                $"{model.Name}: peak memory, client unpruned against bare sessions",
                Ratio(peaks[MemoryCase.Client] / (double)peaks[MemoryCase.Sessions]));
        }

        return table;
    }
}
