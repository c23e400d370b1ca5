using ZoPrune.AI.Benchmarks.Reporting;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Benchmarks.Tests.Reporting;

public sealed class GrowthPlotTests
{
    private readonly GrowthPlot _plot =
        new("title", "images", "ms", [1, 2, 4], [new PlotLine("all", [10, 20.5, 41]), new PlotLine("few", [2, 4, 8])]);

    [Fact]
    public void The_plot_is_a_small_picture_with_both_lines()
    {
        Assert.SkipWhen(OperatingSystem.IsLinux() && !File.Exists(GrowthPlot.LinuxFont), "The font of the plots is not installed.");
        var file = Path.Combine(TemporaryFolders.Create(), "plot.png");

        _plot.Save(file);

        var image = ImageDecoder.Decode(File.ReadAllBytes(file), ImageLimits.Default, file);
        Assert.Equal((640, 400), (image.Width, image.Height));
        Assert.True(Colors(image).Count(color => color.Count > 200) >= 3, "Background and two lines should be seen.");
        Assert.InRange(new FileInfo(file).Length, 1_000, 100_000);
    }

    [Fact]
    public void The_same_numbers_are_a_table() => Assert.Equal(
        "| images | all, ms | few, ms |\n|---|---|---|\n| 1 | 10 | 2 |\n| 2 | 20.5 | 4 |\n| 4 | 41 | 8 |\n", _plot.Table().ToString());

    [Fact]
    public void A_line_with_a_value_too_few_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsLinux() && !File.Exists(GrowthPlot.LinuxFont), "The font of the plots is not installed.");
        var plot = _plot with { Lines = [new PlotLine("short", [1, 2])] };

        var fault = Assert.Throws<InvalidOperationException>(() => plot.Save(Path.Combine(TemporaryFolders.Create(), "plot.png")));
        Assert.Contains("'short' has 2 values at 3 places", fault.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<(int Color, int Count)> Colors(RgbImage image) =>
        image.Pixels.ToArray().Chunk(3).GroupBy(p => (p[0] << 16) | (p[1] << 8) | p[2]).Select(g => (g.Key, g.Count()));
}
