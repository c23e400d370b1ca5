using System.Text.RegularExpressions;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Tests;

public sealed partial class ReadmeTests
{
    private static string Root => Path.GetFullPath(TestData.PathTo("..", ".."));

    [Fact]
    public void Relative_links_lead_somewhere_and_nothing_is_left_to_fill_in()
    {
        var links = 0;
        foreach (var file in new[] { "README.md", "CONTRIBUTING.md", "CHANGELOG.md", Path.Combine("docs", "adding-a-family.md"), Path.Combine("benchmarks", "results", "accuracy.md") })
        {
            var text = File.ReadAllText(Path.Combine(Root, file));
            Assert.DoesNotContain("<!--", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Test run", text, StringComparison.Ordinal);
            Assert.DoesNotContain("/bin/Release", text, StringComparison.Ordinal);
            foreach (Match link in LinkPattern().Matches(text))
            {
                var target = Path.Combine(Root, Path.GetDirectoryName(file)!, link.Groups[1].Value);
                Assert.True(File.Exists(target), $"{file} links to {link.Groups[1].Value}, which does not exist.");
                links++;
            }
        }

        Assert.True(links >= 5, "The pattern finds too few links to mean anything.");
    }

    [Fact]
    public void The_accuracy_table_of_the_readme_is_the_committed_one()
    {
        var table = File.ReadAllLines(Path.Combine(Root, "benchmarks", "results", "accuracy.md")).Where(l => l.StartsWith('|')).ToArray();

        Assert.True(table.Length >= 9);
        Assert.Contains(string.Join('\n', table), File.ReadAllText(Path.Combine(Root, "README.md")).ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains(table, l => l.StartsWith("| SADS in proportion, closed form (default) |", StringComparison.Ordinal));
        Assert.Contains("SADS, S / max S", File.ReadAllText(Path.Combine(Root, "benchmarks", "results", "sads-weights.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_ratios_of_synthetic_models_are_the_committed_ones()
    {
        string[] measured = File.ReadAllLines(Path.Combine(Root, "benchmarks", "results", "end-to-end.md"));
        string[] shown = [.. File.ReadAllLines(Path.Combine(Root, "README.md")).Where(l => SyntheticRatioPattern().IsMatch(l))];

        Assert.True(shown.Length >= 6, $"README.md shows {shown.Length} ratios.");
        Assert.Subset(measured.ToHashSet(), shown.ToHashSet());
    }

    [Fact]
    public void The_ratios_of_the_agent_loop_are_the_committed_ones()
    {
        var ratios = File.ReadAllLines(Path.Combine(Root, "benchmarks", "results", "agent-loop.md"))
            .SkipWhile(l => !l.StartsWith("| ratio", StringComparison.Ordinal))
            .TakeWhile(l => l.StartsWith('|'))
            .ToArray();

        Assert.Equal(4, ratios.Length);
        Assert.Contains(string.Join('\n', ratios), File.ReadAllText(Path.Combine(Root, "README.md")).ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\| [^|]*-like [^|: ]+:")]
    private static partial Regex SyntheticRatioPattern();

    [GeneratedRegex(@"\]\((?!https?:|#)([^)\s]+)\)")]
    private static partial Regex LinkPattern();
}
