using System.Globalization;
using System.Text;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Evaluation;

/// <summary>
/// How much the sensitivity should count against diversity. Half of the pictures may be used to choose, the other half shows whether the
/// choice holds.
/// </summary>
internal static class WeightsCommand
{
    private static readonly int[] s_budgets = [128, 85, 64, 32, 16];
    private static readonly (double Weight, double Floor)[] s_settings =
        [(1, 0), (0.75, 0), (0.5, 0), (0.35, 0), (0.25, 0), (0.15, 0), (0.1, 0), (0, 0), (1, 0.25), (1, 0.5), (1, 0.75)];

    public static int Run()
    {
        using var model = VisionLanguageModel.Load(PocketVlm.ModelPath, new VisionLanguageModelOptions { Threads = 1 });
        var set = EvaluationSet.Load();
        var run = new AccuracyRun(model, set);
        PruningRule[] rules =
        [
            .. s_settings.Select(s => PruningRule.ClosedForm(
                Name(s), () => new SadsSelector(new SadsOptions { SensitivityWeight = s.Weight, SensitivityFloor = s.Floor }))),
            PruningRule.ClosedForm("SADS, S / max S", () => new SadsSelector(SadsOptions.Proportional)),
            PruningRule.ByDiversity("DivPrune", () => new DivPruneSelector()),
        ];
        run.Ask(rules, s_budgets, [PositionPolicy.Original, PositionPolicy.Compact]);

        var text = new StringBuilder("# SADS: the weight of the sensitivity against diversity\n\n");
        text.AppendLine("Score of a token: `(f + (1 - f) S)^w x distance to the nearest pick`, S the min-max normalised closed-form sensitivity; w = 1, f = 0 is the published rule.");
        text.AppendLine("Exactly right answers in percent. First half / second half: the first and the last 50 of the 100 pictures, so that a choice made on one can be checked on the other.");
        text.AppendLine(Environments.Describe()).AppendLine();
        text.AppendLine("Made by `dotnet run -c Release --project benchmarks/ZoPrune.AI.Evaluation -- weights`.").AppendLine();
        foreach (var policy in new[] { PositionPolicy.Original, PositionPolicy.Compact })
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"## Positions {policy}: all (first half / second half)").AppendLine();
            text.Append("| rule |").AppendJoin("|", s_budgets.Select(b => $" {b} ")).AppendLine("|");
            text.Append("|---|").Append(string.Concat(Enumerable.Repeat("---|", s_budgets.Length))).AppendLine();
            foreach (var rule in rules)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {rule.Name} |");
                foreach (var budget in s_budgets)
                {
                    text.Append(
                        CultureInfo.InvariantCulture,
                        $" {run.Percent(rule.Name, budget, policy):F1} ({run.Percent(rule.Name, budget, policy, First):F1} / {run.Percent(rule.Name, budget, policy, p => !First(p)):F1}) |");
                }

                text.AppendLine();
            }

            text.AppendLine();
        }

        AppendSpread(text, model, set);
        File.WriteAllText(Repository.Results("sads-weights.md"), text.ToString());
        Console.WriteLine(text);
        return 0;
    }

    /// <summary>The reason in numbers: how far sensitivities really lie apart, and what min-max normalisation makes of it.</summary>
    private static void AppendSpread(StringBuilder text, VisionLanguageModel model, EvaluationSet set)
    {
        var estimator = model.CreateEstimator(SensitivityMethod.ClosedForm)!;
        var spreads = set.Pictures.Select(picture =>
        {
            var image = model.ProcessImage(ImageDecoder.Decode(picture.Bytes, new ImageLimits(), picture.Name));
            var sorted = estimator.Estimate(model.EncodeImage(image).Tokens, CancellationToken.None).Order().Select(s => (double)s).ToArray();
            var (min, max, mean) = (sorted[0], sorted[^1], sorted.Average());
            double Quantile(double q) => sorted[(int)(q * (sorted.Length - 1))];
            return new[] { 0.0, 0.1, 0.5, 0.9, 1.0 }
                .SelectMany(q => new[] { Quantile(q) / max, (Quantile(q) - min) / (max - min) })
                .Append(Math.Sqrt(sorted.Average(s => (s - mean) * (s - mean))) / mean)
                .ToArray();
        }).ToArray();
        double Mean(int i) => spreads.Average(s => s[i]);
        text.AppendLine("## Why: the spread of the sensitivities").AppendLine();
        text.AppendLine("| over the 256 tokens of a picture, mean of 100 pictures | least | 10 % | median | 90 % | most |").AppendLine("|---|---|---|---|---|---|");
        text.AppendLine(CultureInfo.InvariantCulture, $"| S / max S | {Mean(0):F2} | {Mean(2):F2} | {Mean(4):F2} | {Mean(6):F2} | {Mean(8):F2} |");
        text.AppendLine(CultureInfo.InvariantCulture, $"| min-max normalised, as published | {Mean(1):F2} | {Mean(3):F2} | {Mean(5):F2} | {Mean(7):F2} | {Mean(9):F2} |");
        text.AppendLine().AppendLine(CultureInfo.InvariantCulture, $"The standard deviation of S is {Mean(10):P0} of its mean.");
    }

    private static bool First(string picture) => string.CompareOrdinal(picture, "images/050.png") < 0;

    private static string Name((double Weight, double Floor) setting) =>
        string.Create(CultureInfo.InvariantCulture, $"SADS w = {setting.Weight}, f = {setting.Floor}");
}
