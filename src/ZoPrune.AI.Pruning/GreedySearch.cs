using System.Runtime.CompilerServices;

namespace ZoPrune.AI.Pruning;

/// <summary>The state of a greedy selection: which rows are picked, and what is known of the scores of the others.</summary>
/// <remarks>
/// <para>
/// A score is a weight times the distance to the nearest pick, so it only falls. A row whose old score does not beat the best one found
/// cannot win, and its distances to the latest picks wait until they are needed.
/// </para>
/// <para>
/// Distances are first taken in float32, with a bound on their error. Where a row leads by more than that, it is the pick; the others are
/// compared in double, and ties there go to the lower index. So the picks are those of double precision, to the last tie.
/// </para>
/// </remarks>
internal sealed class GreedySearch : IDisposable
{
    private readonly CosineGeometry _geometry;
    private readonly UnitRows _rows;
    private readonly double[] _weights;
    private readonly int[] _picks;
    private readonly double _error;

    // Never below the score; after Refresh above it by twice the error at most.
    private readonly double[] _bound;
    private readonly double[] _near;
    private readonly int[] _nearSeen;

    // In double, of the rows that were ever in doubt.
    private readonly double[] _score;
    private readonly double[] _nearest;
    private readonly int[] _nearestSeen;

    private readonly int[] _rest;
    private int _left;
    private int _picked;

    /// <summary>Begins with one pick.</summary>
    /// <param name="geometry">The rows.</param>
    /// <param name="weights">One non-negative weight per row, or empty for ones.</param>
    /// <param name="first">The first pick.</param>
    /// <param name="count">How many picks there will be, from 1 to all.</param>
    public GreedySearch(CosineGeometry geometry, ReadOnlySpan<double> weights, int first, int count)
    {
        var rows = geometry.Count;
        _geometry = geometry;
        _rows = geometry.ToUnitRows();
        _error = _rows.Error;
        _weights = weights.IsEmpty ? Filled(rows, 1) : weights.ToArray();
        _picks = new int[count];
        (_bound, _near, _nearSeen) = (Filled(rows, double.PositiveInfinity), Filled(rows, double.PositiveInfinity), new int[rows]);
        (_score, _nearest, _nearestSeen) = (Filled(rows, double.PositiveInfinity), Filled(rows, double.PositiveInfinity), new int[rows]);
        _rest = [.. Enumerable.Range(0, rows)];
        _left = rows;
        Take(first);
    }

    /// <summary>Picks until there are as many as were asked for.</summary>
    public int[] Run()
    {
        while (_picked < _picks.Length)
        {
            Take(Next());
        }

        return _picks;
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();

    private static double[] Filled(int count, double value)
    {
        var values = new double[count];
        values.AsSpan().Fill(value);
        return values;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Next()
    {
        // The row that led so far probably still does; then it silences most of the others.
        var best = _rest[0];
        for (var k = 1; k < _left; k++)
        {
            best = _bound[_rest[k]] > _bound[best] ? _rest[k] : best;
        }

        var least = Refresh(best, double.NegativeInfinity);
        for (var k = 0; k < _left; k++)
        {
            if (_bound[_rest[k]] >= least)
            {
                least = Math.Max(least, Refresh(_rest[k], least));
            }
        }

        // Whatever could have the largest score is up to date now, and its bound is not below the least that the largest can be.
        var (contenders, only) = (0, -1);
        for (var k = 0; k < _left; k++)
        {
            if (_bound[_rest[k]] >= least)
            {
                contenders++;
                only = _rest[k];
            }
        }

        return contenders == 1 ? only : NextInDouble(least);
    }

    private int NextInDouble(double least)
    {
        var best = -1;
        for (var k = 0; k < _left; k++)
        {
            var i = _rest[k];
            if (_bound[i] < least)
            {
                continue;
            }

            while ((best < 0 || _score[i] > _score[best]) && _nearestSeen[i] < _picked)
            {
                _nearest[i] = Math.Min(_nearest[i], _geometry.Distance(i, _picks[_nearestSeen[i]++]));
                _score[i] = _weights[i] * _nearest[i];
            }

            best = best < 0 || _score[i] > _score[best] ? i : best;
        }

        return best;
    }

    /// <summary>Takes in the picks that a row has not seen, as long as it could still have the largest score.</summary>
    /// <returns>The least that its score can be; minus infinity where some picks are left unseen.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private double Refresh(int i, double least)
    {
        var (near, seen, weight) = (_near[i], _nearSeen[i], _weights[i]);
        while (seen < _picked && _bound[i] >= least)
        {
            var distance = _rows.Distance(i, _picks[seen++]);
            if (distance < near)
            {
                near = distance;
                _bound[i] = weight * (near + _error);
            }
        }

        (_near[i], _nearSeen[i]) = (near, seen);
        return seen < _picked ? double.NegativeInfinity : weight * (near - _error);
    }

    private void Take(int row)
    {
        _picks[_picked++] = row;

        // The rest stays in ascending order, which decides ties.
        var at = Array.BinarySearch(_rest, 0, _left, row);
        Array.Copy(_rest, at + 1, _rest, at, _left - at - 1);
        _left--;
    }
}
