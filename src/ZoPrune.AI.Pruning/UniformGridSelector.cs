namespace ZoPrune.AI.Pruning;

/// <summary>Keeps tokens at even distances, whatever they show. A baseline.</summary>
/// <remarks>
/// Where the tokens fill a grid: the middles of the cells of the coarsest grid of the same shape that has at least k cells, and of these k
/// at even distances in reading order. Where they do not: k of the tokens at even distances, <c>floor((j + 1/2) n / k)</c>. The one
/// selector
/// whose picks for k are no prefix of those for k + 1: an even spread of k + 1 shares few places with one of k. It looks at places alone,
/// so
/// it does not follow a permutation of the tokens.
/// </remarks>
public sealed class UniformGridSelector : TokenSelector
{
    /// <inheritdoc/>
    public override string Name => "uniform-grid";

    /// <inheritdoc/>
    protected override int[] SelectCore(SelectionInput input, int count)
    {
        var tokens = input.Embeddings.Rows;
        var places = input.Grid is { } grid && grid.Holds(tokens) ? CoarseGrid(grid, count) : [.. Enumerable.Range(0, tokens)];
        return [.. Enumerable.Range(0, count).Select(j => places[Centre(j, count, places.Length)])];
    }

    private static int[] CoarseGrid(TokenGrid grid, int count)
    {
        var rows = Math.Min(grid.Rows, (int)Math.Ceiling(Math.Sqrt((double)count * grid.Rows / grid.Columns)));
        var columns = Math.Min(grid.Columns, (int)Math.Ceiling(Math.Sqrt((double)count * grid.Columns / grid.Rows)));
        if (columns == grid.Columns)
        {
            rows = CeilingOf(count, columns);
        }
        else if (rows == grid.Rows)
        {
            columns = CeilingOf(count, rows);
        }

        return
        [
            .. from row in Enumerable.Range(0, rows)
               from column in Enumerable.Range(0, columns)
               select (Centre(row, rows, grid.Rows) * grid.Columns) + Centre(column, columns, grid.Columns),
        ];
    }

    private static int CeilingOf(int dividend, int divisor) => (dividend + divisor - 1) / divisor;

    /// <summary>The middle of one of <paramref name="parts"/> equal parts of 0 to <paramref name="length"/>.</summary>
    private static int Centre(int index, int parts, int length) => (int)(((2L * index) + 1) * length / (2L * parts));
}
