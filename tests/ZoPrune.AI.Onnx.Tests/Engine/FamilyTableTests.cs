using System.Globalization;
using ZoPrune.AI.Onnx.Families;
using ZoPrune.AI.Onnx.Tests.Text.Tools;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Engine;

/// <summary>The README's table of families says what the tests of this folder run, and lists every type that loads.</summary>
public sealed class FamilyTableTests
{
    private static readonly string[] s_columns = ["type", "layout", "unpruned", "several images", "pruning", "tools"];

    /// <summary>
    /// Types with folders in the zoo: the cases of all of them are run by <see cref="GenAIZooTests"/> and
    /// <see cref="HuggingFaceZooTests"/>.
    /// </summary>
    private static readonly Dictionary<string, string[]> s_recorded = new()
    {
        ["genai/gemma3"] = ["gemma3", "gemma3-rank3"],
        ["genai/phi3v"] = ["phi3v", "phi3v-int4"],
        ["genai/qwen2_5_vl"] = ["qwen2_5_vl", "qwen2_5_vl-fp16"],
    };

    [Fact]
    public void The_readme_has_the_table_that_the_tests_make()
    {
        var readme = File.ReadAllText(TestData.PathTo("..", "..", "README.md")).ReplaceLineEndings("\n");

        var table = string.Join('\n', Rows());

        Assert.True(readme.Contains(table, StringComparison.Ordinal), "The README should hold this table:\n" + table);
    }

    private static IEnumerable<string> Rows()
    {
        yield return Row(s_columns);
        yield return Row([.. s_columns.Select(_ => "---")]);
        foreach (var (layout, prefix, name) in new[]
        {
            (ModelFolderLayout.GenAI, "genai/", "GenAI"), (ModelFolderLayout.TransformersJs, "hf/", "transformers.js"),
        })
        {
            foreach (var type in ModelFamilies.TypesOf(layout))
            {
                var key = prefix + type;
                if (DerivedPruningTests.Types.Any(t => t.Data == key))
                {
                    yield return Row($"`{type}`", name, "derived folder", "yes", "yes", ToolsOf(key));
                    continue;
                }

                var images = s_recorded.GetValueOrDefault(key, [type]).SelectMany(folder => ImagesOfCases(layout, folder)).ToArray();
                Assert.NotEmpty(images);
                Assert.Contains(ZooPruningTests.Folders, f => f.Data == key);
                var several = images.Count(i => i > 1);
                yield return Row($"`{type}`", name, Cases(images.Length), several > 0 ? Cases(several) : "as several turns", "yes", ToolsOf(key));
            }
        }
    }

    private static IEnumerable<int> ImagesOfCases(ModelFolderLayout layout, string folder) => layout == ModelFolderLayout.GenAI
        ? Golden.Names(folder).Select(n => Golden.Load(folder, n)).Where(g => !g.IsRefused).Select(g => g.Images.Count)
        : HuggingFaceGolden.All(folder).Select(g => g.Images.Count);

    /// <summary>The formats of calls that <see cref="ToolTemplateTests"/> run; for other types the folder's template decides as well.</summary>
    private static string ToolsOf(string key)
    {
        var formats = ToolTemplateTests.Types.Where(t => t.Data.Item1 == key).Select(t => $"`{ToolTemplateTests.FormatOf(t.Data.Item2)}`");
        return formats.FirstOrDefault() ?? "by template";
    }

    private static string Cases(int count) => count == 1 ? "1 case" : count.ToString(CultureInfo.InvariantCulture) + " cases";

    private static string Row(params string[] cells) => "| " + string.Join(" | ", cells) + " |";
}
