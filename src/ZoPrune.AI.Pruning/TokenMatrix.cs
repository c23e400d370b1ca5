namespace ZoPrune.AI.Pruning;

/// <summary>A row-major float32 matrix whose rows belong to visual tokens. The values are referenced, not copied.</summary>
public readonly struct TokenMatrix
{
    /// <summary>Wraps <paramref name="values"/>, which hold <paramref name="rows"/> rows of <paramref name="width"/> numbers.</summary>
    /// <param name="values">The numbers, row by row; exactly <c>rows * width</c> of them.</param>
    /// <param name="rows">The number of rows, zero or more.</param>
    /// <param name="width">The numbers in one row, at least one.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rows are negative, or the width is not positive.</exception>
    /// <exception cref="ArgumentException">The number of values is not <c>rows * width</c>.</exception>
    public TokenMatrix(ReadOnlyMemory<float> values, int rows, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (values.Length != (long)rows * width)
        {
            throw new ArgumentException(
                $"A matrix of shape [{rows}, {width}] holds {(long)rows * width} values, not {values.Length}.", nameof(values));
        }

        Values = values;
        Rows = rows;
        Width = width;
    }

    /// <summary>The number of rows.</summary>
    public int Rows { get; }

    /// <summary>The numbers in one row.</summary>
    public int Width { get; }

    /// <summary>All numbers, row by row.</summary>
    public ReadOnlyMemory<float> Values { get; }

    /// <summary>The numbers of one row.</summary>
    /// <param name="row">The row, from 0 to <see cref="Rows"/> - 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public ReadOnlySpan<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        return Values.Span.Slice(row * Width, Width);
    }

    /// <summary>The rows from <paramref name="start"/> on, without copying.</summary>
    /// <param name="start">The first row.</param>
    /// <param name="rows">How many rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the matrix.</exception>
    public TokenMatrix Slice(int start, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, Rows - start);
        return new TokenMatrix(Values.Slice(start * Width, rows * Width), rows, Width);
    }

    /// <summary>The named rows in the named order: a copy, unless they are a run without gaps.</summary>
    /// <param name="rows">The rows to take.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public TokenMatrix Gather(ReadOnlySpan<int> rows)
    {
        var run = rows.Length > 0;
        for (var i = 1; i < rows.Length && run; i++)
        {
            run = rows[i] == rows[0] + i;
        }

        if (run)
        {
            return Slice(rows[0], rows.Length);
        }

        var values = new float[rows.Length * Width];
        for (var i = 0; i < rows.Length; i++)
        {
            Row(rows[i]).CopyTo(values.AsSpan(i * Width));
        }

        return new TokenMatrix(values, rows.Length, Width);
    }
}
