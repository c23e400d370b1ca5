namespace ZoPrune.AI.Pruning;

/// <summary>Keeps tokens at even distances, whatever they show. A baseline.</summary>
/// <remarks>
/// The one selector whose picks for k are no prefix of those for k + 1: an even spread of k + 1 shares few places with one of k. It
/// looks at places alone, so it does not follow a permutation of the tokens.
/// </remarks>
public sealed class UniformGridSelector : TokenSelector
{
    private readonly UniformGridRule _rule;

    /// <summary>Selects by the given rule.</summary>
    /// <param name="rule">How the tokens are spread.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such rule.</exception>
    public UniformGridSelector(UniformGridRule rule = UniformGridRule.FlattenedIndex)
    {
        if (!Enum.IsDefined(rule))
        {
            throw new ArgumentOutOfRangeException(nameof(rule), rule, "Unknown rule.");
        }

        _rule = rule;
    }

    /// <inheritdoc/>
    public override string Name => "uniform-grid";

    /// <inheritdoc/>
    protected override int[] SelectCore(SelectionInput input, int count)
    {
        var tokens = input.Embeddings.Rows;
        if (_rule == UniformGridRule.SubGrid && input.Grid is { } grid && grid.Holds(tokens))
        {
            return SubGrid(grid, count);
        }

        return Enumerable.Range(0, count).Select(j => Centre(j, count, tokens)).ToArray();
    }

    private static int[] SubGrid(TokenGrid grid, int count)
    {
        var ideal = (int)Math.Round(Math.Sqrt((double)count * grid.Rows / grid.Columns), MidpointRounding.ToEven);
        var rows = Math.Clamp(ideal, (count + grid.Columns - 1) / grid.Columns, Math.Min(grid.Rows, count));
        var picks = new List<int>(count);
        for (var r = 0; r < rows; r++)
        {
            var share = (int)((((r + 1L) * count) / rows) - (((long)r * count) / rows));
            for (var c = 0; c < share; c++)
            {
                picks.Add((Centre(r, rows, grid.Rows) * grid.Columns) + Centre(c, share, grid.Columns));
            }
        }

        return [.. picks];
    }

    /// <summary>The middle of one of <paramref name="parts"/> equal parts of 0 to <paramref name="length"/>.</summary>
    private static int Centre(int index, int parts, int length) => (int)(((2L * index) + 1) * length / (2L * parts));
}
