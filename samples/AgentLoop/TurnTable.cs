using System.Runtime.InteropServices;
using System.Text;

namespace AgentLoop;

/// <summary>The turns side by side, as a Markdown table; times are medians over the rounds.</summary>
internal static class TurnTable
{
    public static string Of(List<Round> rounds)
    {
        var (on, off) = (rounds[0].On, rounds[0].Off);
        var text = new StringBuilder();
        text.AppendLine("# Ten turns about two pictures, the whole history sent every time");
        text.AppendLine();
        text.AppendLine($"Bundled model, {rounds.Count} round(s), medians. On: a quarter of the visual tokens, features and KV prefixes reused. Off: all visual tokens,");
        text.AppendLine($"nothing reused. {Environment.ProcessorCount} cores ({RuntimeInformation.ProcessArchitecture}), {RuntimeInformation.FrameworkDescription}. Made by");
        text.AppendLine("`dotnet run -c Release --project samples/AgentLoop -- --rounds 20 --save benchmarks/results/agent-loop.md`.");
        text.AppendLine();
        text.AppendLine("| turn | question | answer (on) | visual tokens on / off | prompt tokens on / off | cached on | first token, ms on / off | whole turn, ms on / off | first token against turn 1 |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|");
        for (var i = 0; i < on.Count; i++)
        {
            var turn = i;
            text.Append($"| {turn + 1} | {on[turn].Question} | {on[turn].Answer} | {on[turn].VisualTokens} / {off[turn].VisualTokens} ");
            text.Append($"| {on[turn].PromptTokens} / {off[turn].PromptTokens} | {on[turn].CachedTokens} ");
            text.Append($"| {Ms(rounds, r => r.On[turn].FirstToken)} / {Ms(rounds, r => r.Off[turn].FirstToken)} ");
            text.Append($"| {Ms(rounds, r => r.On[turn].Total)} / {Ms(rounds, r => r.Off[turn].Total)} ");
            text.AppendLine($"| {FirstTokenRatio(rounds, turn):F3} |");
        }

        text.AppendLine();
        text.AppendLine("| ratio, median of rounds | value |");
        text.AppendLine("|---|---|");
        text.AppendLine($"| time to first token, the slowest of turns 2 to {on.Count} against turn 1, on | {Enumerable.Range(1, on.Count - 1).Max(turn => FirstTokenRatio(rounds, turn)):F3} |");
        text.AppendLine($"| all {on.Count} turns, off against on | {Median(rounds.Select(r => Sum(r.Off) / Sum(r.On))):F1} |");
        text.AppendLine();
        text.AppendLine("The bundled model was trained on one picture and one question at a time: it may mix the pictures up, and answers on and off may differ, since what it sees");
        text.AppendLine("differs. That reuse alone changes no token is what the tests show.");
        return text.ToString();
    }

    private static double FirstTokenRatio(List<Round> rounds, int turn) =>
        Median(rounds.Select(r => r.On[turn].FirstToken / r.On[0].FirstToken));

    private static string Ms(List<Round> rounds, Func<Round, TimeSpan> time) => $"{Median(rounds.Select(r => time(r).TotalMilliseconds)):F1}";

    private static double Sum(List<Turn> turns) => turns.Sum(t => t.Total.TotalMilliseconds);

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
