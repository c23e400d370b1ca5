using System.Text;

namespace ZoPrune.AI.Benchmarks.Reporting;

/// <summary>A table of Markdown, a row at a time.</summary>
internal sealed class MarkdownTable
{
    private readonly int _columns;
    private readonly StringBuilder _text = new();

    /// <summary>Begins a table.</summary>
    /// <param name="header">The names of the columns.</param>
    /// <exception cref="ArgumentException">There is no column.</exception>
    public MarkdownTable(params ReadOnlySpan<string> header)
    {
        if (header.IsEmpty)
        {
            throw new ArgumentException("A table needs a column.", nameof(header));
        }

        _columns = header.Length;
        Row(header);
        _text.Append('|').Insert(_text.Length, "---|", header.Length).Append('\n');
    }

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">It has more or fewer cells than the table has columns.</exception>
    public void Row(params ReadOnlySpan<string> cells)
    {
        if (cells.Length != _columns)
        {
            throw new ArgumentException($"A row of {cells.Length} cells does not fit a table of {_columns} columns.", nameof(cells));
        }

        _text.Append('|');
        foreach (var cell in cells)
        {
            _text.Append(' ').Append(cell.Replace("|", "\\|", StringComparison.Ordinal)).Append(" |");
        }

        _text.Append('\n');
    }

    /// <summary>The table, each line ended by a line feed.</summary>
    public override string ToString() => _text.ToString();
}
