namespace ZoPrune.AI.Pruning;

/// <summary>How the visual tokens of an image lie over it: row by row on a rectangle.</summary>
public sealed record TokenGrid
{
    /// <summary>A grid of <paramref name="Rows"/> by <paramref name="Columns"/> tokens.</summary>
    /// <param name="Rows">Tokens from top to bottom, at least one.</param>
    /// <param name="Columns">Tokens from left to right, at least one.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive.</exception>
    public TokenGrid(int Rows, int Columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Columns);
        this.Rows = Rows;
        this.Columns = Columns;
    }

    /// <summary>Tokens from top to bottom.</summary>
    public int Rows { get; }

    /// <summary>Tokens from left to right.</summary>
    public int Columns { get; }

    /// <summary>Whether the grid holds exactly <paramref name="tokens"/> tokens.</summary>
    /// <param name="tokens">A number of tokens.</param>
    public bool Holds(int tokens) => (long)Rows * Columns == tokens;

    /// <summary>Takes the grid apart.</summary>
    /// <param name="rows">Tokens from top to bottom.</param>
    /// <param name="columns">Tokens from left to right.</param>
    public void Deconstruct(out int rows, out int columns) => (rows, columns) = (Rows, Columns);
}
