using System.Globalization;
using System.Text;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Evaluation;

/// <summary>The table and the plot of accuracy against kept tokens.</summary>
internal static class AccuracyCommand
{
    private const int AllTokens = 256;
    private static readonly int[] s_budgets = [128, 64, 32, 16];
    private static readonly int[] s_randomSeeds = [1, 2, 3, 4, 5];
    private static readonly PositionPolicy[] s_policies = [PositionPolicy.Original, PositionPolicy.Compact];

    public static int Run()
    {
        using var model = VisionLanguageModel.Load(PocketVlm.ModelPath, new VisionLanguageModelOptions { Threads = 1 });
        var run = new AccuracyRun(model, EvaluationSet.Load());
        var rules = Rules.All();
        var random = s_randomSeeds.Select(seed => PruningRule.Random(Rules.Random(seed), seed)).ToArray();
        run.Ask([rules[0]], [AllTokens], s_policies);
        run.Ask([.. rules, .. random], s_budgets, s_policies);

        var rows = rules
            .Select(r => new AccuracyRow(r.Name, (tokens, policy) => run.Percent(r.Name, tokens, policy)))
            .Append(new AccuracyRow(
                $"random (mean of {s_randomSeeds.Length} seeds)",
                (tokens, policy) => s_randomSeeds.Average(seed => run.Percent(Rules.Random(seed), tokens, policy))))
            .ToArray();
        var unpruned = run.Percent(rules[0].Name, AllTokens, PositionPolicy.Original);
        File.WriteAllText(Repository.Results("accuracy.md"), Markdown(rows, unpruned));
        var seeds = random.Select(r => new AccuracyRow(r.Name, (tokens, policy) => run.Percent(r.Name, tokens, policy)));
        File.WriteAllText(Repository.Results("accuracy.csv"), Csv([.. rows, .. seeds], unpruned));
        AccuracyPlot.Save(Repository.Results("accuracy.png"), rows, s_budgets, unpruned);
        Console.WriteLine(Markdown(rows, unpruned));
        return 0;
    }

    private static string Markdown(AccuracyRow[] rows, double unpruned)
    {
        var text = new StringBuilder();
        text.AppendLine("# Accuracy of pruned PocketVLM").AppendLine();
        text.AppendLine("Exactly right answers in percent over 700 questions about 100 pictures (`tests/data/pocket-vlm/eval`), greedy, positions Original / Compact.");
        text.AppendLine(CultureInfo.InvariantCulture, $"Unpruned (256 tokens): **{unpruned:F1}**. {Environments.Describe()}").AppendLine();
        text.AppendLine("Made by `dotnet run -c Release --project benchmarks/ZoPrune.AI.Evaluation -- accuracy`.").AppendLine();
        text.Append("| rule |").AppendJoin("|", s_budgets.Select(b => $" {b} ")).AppendLine("|");
        text.Append("|---|").Append(string.Concat(Enumerable.Repeat("---|", s_budgets.Length))).AppendLine();
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {row.Name} |");
            foreach (var budget in s_budgets)
            {
                text.Append(CultureInfo.InvariantCulture, $" {row.Percent(budget, PositionPolicy.Original):F1} / {row.Percent(budget, PositionPolicy.Compact):F1} |");
            }

            text.AppendLine();
        }

        text.AppendLine().AppendLine("![accuracy against kept tokens](accuracy.png)");
        return text.ToString();
    }

    private static string Csv(AccuracyRow[] rows, double unpruned)
    {
        var text = new StringBuilder("rule,tokens,positions,percent_right\n");
        text.Append(CultureInfo.InvariantCulture, $"unpruned,{AllTokens},original,{unpruned:F2}\n");
        foreach (var row in rows)
        {
            foreach (var budget in s_budgets)
            {
                foreach (var policy in s_policies)
                {
                    text.Append(CultureInfo.InvariantCulture, $"\"{row.Name}\",{budget},{policy.ToString().ToLowerInvariant()},{row.Percent(budget, policy):F2}\n");
                }
            }
        }

        return text.ToString();
    }
}
