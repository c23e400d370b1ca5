using ZoPrune.AI.Onnx.Families;

namespace ZoPrune.AI.Onnx.Prompts;

/// <summary>Numbers the tokens of a prompt, on one axis or three.</summary>
internal sealed class PositionCounter(PositionRule rule, int length, int axes)
{
    private readonly long[] _positions = new long[checked(length * axes)];
    private long _next = rule.First;

    public long[] Positions => _positions;

    /// <summary>The position of the token behind the last.</summary>
    public long Next => _next;

    /// <summary>Tokens that were skipped; <c>null</c> if none were.</summary>
    public bool[]? Skipped { get; private set; }

    /// <summary>Numbers text tokens.</summary>
    public void Text(ReadOnlySpan<int> ids, int at)
    {
        foreach (var id in ids)
        {
            if (id == rule.SkippedTokenId)
            {
                (Skipped ??= new bool[length])[at] = true;
                Set(at++, 0);
            }
            else
            {
                Set(at++, _next++);
            }
        }
    }

    /// <summary>Numbers visual tokens as if all rows of a run were there.</summary>
    /// <param name="at">Where they stand in the prompt.</param>
    /// <param name="kept">The kept rows, counted from the run's first one.</param>
    /// <param name="rows">Rows of the run.</param>
    public void KeptInLine(int at, IEnumerable<int> kept, int rows)
    {
        foreach (var row in kept)
        {
            Set(at++, _next + row);
        }

        _next += rows;
    }

    /// <summary>Numbers visual tokens one after the other.</summary>
    public void Dense(int at, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Set(at + i, _next++);
        }
    }

    /// <summary>
    /// Numbers visual tokens by their place in a grid: time stands still, height and width count from the position that is next.
    /// </summary>
    public void KeptInGrid(int at, IEnumerable<int> kept, int gridRows, int gridColumns)
    {
        foreach (var row in kept)
        {
            _positions[at] = _next;
            _positions[length + at] = _next + (row / gridColumns);
            _positions[(2 * length) + at] = _next + (row % gridColumns);
            at++;
        }

        _next += Math.Max(gridRows, gridColumns);
    }

    private void Set(int at, long position)
    {
        for (var axis = 0; axis < axes; axis++)
        {
            _positions[(axis * length) + at] = position;
        }
    }
}
