using ZoPrune.AI.Benchmarks.Reporting;

namespace ZoPrune.AI.Benchmarks.Tests.Reporting;

public sealed class MarkdownTableTests
{
    [Fact]
    public void A_table_is_rendered_as_Markdown()
    {
        var table = new MarkdownTable("model", "ms");
        table.Row("a", "1.5");
        table.Row("b | c", "2");

        Assert.Equal("| model | ms |\n|---|---|\n| a | 1.5 |\n| b \\| c | 2 |\n", table.ToString());
    }

    [Fact]
    public void Rows_have_as_many_cells_as_there_are_columns()
    {
        var table = new MarkdownTable("model", "ms");

        Assert.Throws<ArgumentException>(() => table.Row("a"));
        Assert.Throws<ArgumentException>(() => table.Row("a", "b", "c"));
        Assert.Throws<ArgumentException>(() => new MarkdownTable());
    }
}
