using ScottPlot;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Evaluation;

internal static class AccuracyPlot
{
    public static void Save(string file, IReadOnlyList<AccuracyRow> rows, IReadOnlyList<int> budgets, double unpruned)
    {
        using var plot = new Plot();
        var places = budgets.Select(b => Math.Log2(b)).ToArray();
        foreach (var row in rows)
        {
            var line = plot.Add.Scatter(places, [.. budgets.Select(b => row.Percent(b, PositionPolicy.Original))]);
            line.LegendText = row.Name;
            line.LineWidth = 2;
            line.MarkerSize = 7;
        }

        var limit = plot.Add.HorizontalLine(unpruned, 1.5f, Colors.Gray, LinePattern.Dashed);
        limit.LegendText = "unpruned, 256 tokens";
        plot.Axes.Bottom.SetTicks(places, [.. budgets.Select(b => b.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        plot.XLabel("visual tokens kept, of 256");
        plot.YLabel("exactly right answers, %");
        plot.Title("PocketVLM, 700 questions, original positions");
        plot.ShowLegend(Alignment.LowerRight);
        plot.SavePng(file, 900, 560);
    }
}
