using ZoPrune.AI.Benchmarks.EndToEnd;
using ZoPrune.AI.Benchmarks.Reporting;
using ZoPrune.AI.SyntheticVlm.Kinds;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Benchmarks.Tests.EndToEnd;

public sealed class EndToEndRunTests(TinyCases cases) : IClassFixture<TinyCases>
{
    [Fact]
    public async Task A_run_writes_the_table_and_a_plot_for_everything_that_grows()
    {
        Assert.SkipWhen(OperatingSystem.IsLinux() && !File.Exists(GrowthPlot.LinuxFont), "The font of the plots is not installed.");
        var results = TemporaryFolders.Create();
        var options = new EndToEndOptions
        {
            Kinds = ["llava-like"],
            Sizes = [ModelSize.Tiny],
            Rounds = 1,
            OutputTokens = 4,
            ModelFolder = cases.Root,
            ResultFolder = results,
            MeasuresMemory = false,
        };

        var report = await EndToEndRun.RunAsync(options, TextWriter.Null, TestContext.Current.CancellationToken);

        Assert.Equal(report, File.ReadAllText(Path.Combine(results, EndToEndRun.TableFile)));
        Assert.Equal(
            ["growth-callers.png", "growth-images.png", "growth-tokens.png", "growth-turns.png"],
            Directory.GetFiles(results, "*.png").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        foreach (var kept in new[] { 64, 128, 192, 576 })
        {
            Assert.Contains($"| llava-like tiny | {kept} of 576 |", report, StringComparison.Ordinal);
        }

        foreach (var plot in Directory.GetFiles(results, "*.png"))
        {
            Assert.Contains($"({Path.GetFileName(plot)})", report, StringComparison.Ordinal);
        }

        Assert.Contains("| PocketVLM (learned) | closed form, exact |", report, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", report, StringComparison.Ordinal);
        Assert.DoesNotContain(cases.Root, report, StringComparison.Ordinal);
    }
}
