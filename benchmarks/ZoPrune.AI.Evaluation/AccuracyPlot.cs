using ScottPlot;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Evaluation;

internal static class AccuracyPlot
{
    /// <summary>Where Debian keeps DejaVu: without fontconfig SkiaSharp finds no font on Linux by itself.</summary>
    private const string LinuxFont = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

    public static void Save(string file, IReadOnlyList<AccuracyRow> rows, IReadOnlyList<int> budgets, double unpruned)
    {
        using var plot = new Plot();
        if (OperatingSystem.IsLinux())
        {
            if (!File.Exists(LinuxFont))
            {
                throw new FileNotFoundException("The plot needs a font: apt-get install fonts-dejavu-core", LinuxFont);
            }

            Fonts.AddFontFile("DejaVu Sans", LinuxFont, bold: false, italic: false);
            Fonts.Default = "DejaVu Sans";
            plot.Font.Set("DejaVu Sans");
        }

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
