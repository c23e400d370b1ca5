using ScottPlot;

namespace ZoPrune.AI.Benchmarks.Reporting;

/// <summary>How cost grows with a number: lines over places, as a small picture.</summary>
/// <param name="Title">What it shows, and on what.</param>
/// <param name="Across">What grows.</param>
/// <param name="Up">What is measured.</param>
/// <param name="Places">The numbers that were tried.</param>
/// <param name="Lines">What was measured there.</param>
internal sealed record GrowthPlot(string Title, string Across, string Up, IReadOnlyList<int> Places, IReadOnlyList<PlotLine> Lines)
{
    private const int Width = 640;
    private const int Height = 400;
    private const string FontName = "DejaVu Sans";

    /// <summary>Where Debian keeps DejaVu: without fontconfig SkiaSharp finds no font on Linux by itself.</summary>
    public const string LinuxFont = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";

    /// <summary>Writes the plot as PNG.</summary>
    /// <exception cref="FileNotFoundException">The font is not installed.</exception>
    /// <exception cref="InvalidOperationException">A line has more or fewer values than there are places.</exception>
    public void Save(string file)
    {
        using var plot = new Plot();
        if (OperatingSystem.IsLinux())
        {
            if (!File.Exists(LinuxFont))
            {
                throw new FileNotFoundException("The plot needs a font: apt-get install fonts-dejavu-core", LinuxFont);
            }

            Fonts.AddFontFile(FontName, LinuxFont, bold: false, italic: false);
            Fonts.Default = FontName;
            plot.Font.Set(FontName);
        }

        double[] places = [.. Places.Select(place => (double)place)];
        foreach (var line in Lines)
        {
            if (line.Values.Count != places.Length)
            {
                throw new InvalidOperationException($"'{line.Name}' has {line.Values.Count} values at {places.Length} places.");
            }

            var scatter = plot.Add.Scatter(places, [.. line.Values]);
            scatter.LegendText = line.Name;
            scatter.LineWidth = 2;
            scatter.MarkerSize = 7;
        }

        plot.Axes.Bottom.SetTicks(places, [.. Places.Select(place => place.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        plot.Axes.SetLimitsY(0, 1.1 * Lines.Max(line => line.Values.Max()));
        plot.XLabel(Across);
        plot.YLabel(Up);
        plot.Title(Title, size: 14);
        plot.ShowLegend(Alignment.UpperLeft);
        plot.SavePng(file, Width, Height);
    }

    /// <summary>The same numbers as a table.</summary>
    public MarkdownTable Table()
    {
        var table = new MarkdownTable([Across, .. Lines.Select(line => $"{line.Name}, {Up}")]);
        for (var i = 0; i < Places.Count; i++)
        {
            var place = i;
            table.Row([Number(Places[i]), .. Lines.Select(line => Number(line.Values[place]))]);
        }

        return table;

        static string Number(double value) =>
            value.ToString(value == Math.Floor(value) ? "F0" : "F1", System.Globalization.CultureInfo.InvariantCulture);
    }
}
