using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Vision;

/// <summary>
/// Says which row of the projector made which row of the vision graph's output, by comparing rows: the graph may reorder rows behind the
/// projector and put structural rows between them. It may also round them (to float16) and multiply all by one number.
/// </summary>
internal static class RowTie
{
    /// <summary>How far a component of a multiplied row may be off, relative to the row's largest one: some roundings of float32.</summary>
    private const float FloatTolerance = 4e-6f;

    /// <summary>The same where the output was rounded to float16.</summary>
    private const float HalfTolerance = 2e-3f;

    /// <summary>More rows than this that are nearly equal to one another are as good as equal.</summary>
    private const int MaxCandidates = 64;

    /// <summary>
    /// For each output row the projector row that it equals, -1 where there is none. Equal rows are tied in order; if there are more of
    /// them in the output than in the projector, they start again from the first, since a row that the graph repeats is still a visual
    /// token.
    /// </summary>
    public static int[] ByEquality(TokenMatrix output, TokenMatrix projected)
    {
        if (output.Width != projected.Width)
        {
            return Unmatched(output.Rows);
        }

        var exact = Exactly(output, projected);
        if (IsFound(exact, output))
        {
            return exact;
        }

        // ONNX Runtime computes float16 graphs in float32 on CPUs, and rounds where somebody looks: either side may be the rounded one.
        var isHalf = IsHalf(output.Values.Span) || IsHalf(projected.Values.Span);
        if (isHalf && Exactly(ToHalf(output), ToHalf(projected)) is var halves && IsFound(halves, output))
        {
            return halves;
        }

        var scaled = UpToFactor(output, projected, isHalf ? HalfTolerance : FloatTolerance);
        return IsFound(scaled, output) ? scaled : exact;
    }

    /// <summary>The rows of a matrix in the order of a tie; rows without a partner are zero.</summary>
    public static TokenMatrix Gather(TokenMatrix matrix, int[] tie, PictureBuffers? buffers = null)
    {
        var values = PictureBuffers.TakeCleared<float>(buffers, tie.Length * matrix.Width);
        for (var row = 0; row < tie.Length; row++)
        {
            if (tie[row] >= 0)
            {
                matrix.Row(tie[row]).CopyTo(values.Span[(row * matrix.Width)..]);
            }
        }

        return new TokenMatrix(values, tie.Length, matrix.Width);
    }

    /// <summary>
    /// The rows that enter a normalisation, put side by side as the normalised rows stand in the projector input: a pixel shuffle
    /// between them
    /// moves whole rows.
    /// </summary>
    /// <param name="rows">What is normalised, [rows, width].</param>
    /// <param name="normalized">
    /// The normalised rows, in the same order; <c>null</c> if they stand in the projector input in this order.
    /// </param>
    /// <param name="input">The projector input, [tokens, blocks · width].</param>
    /// <param name="buffers">Where rows in another order lie; <c>null</c>: in an array of their own.</param>
    /// <returns>[tokens, blocks · width]; <c>null</c> if the projector input is not made of such rows.</returns>
    public static TokenMatrix? SideBySide(TokenMatrix rows, TokenMatrix? normalized, TokenMatrix input, PictureBuffers? buffers = null)
    {
        var blocks = rows.Width == 0 || input.Width % rows.Width != 0 ? 0 : input.Width / rows.Width;
        if (blocks == 0 || (normalized is { } n && (n.Rows != rows.Rows || n.Width != rows.Width)))
        {
            return null;
        }

        if (normalized is { } known)
        {
            var tie = ByEquality(new TokenMatrix(input.Values, input.Rows * blocks, rows.Width), known);
            if (tie.Contains(-1))
            {
                return null;
            }

            rows = Gather(rows, tie, buffers);
        }

        return rows.Rows == input.Rows * blocks ? new TokenMatrix(rows.Values, input.Rows, input.Width) : null;
    }

    private static int[] Exactly(TokenMatrix output, TokenMatrix projected)
    {
        var places = new Dictionary<int, List<RowCycle>>();
        for (var row = 0; row < projected.Rows; row++)
        {
            var key = Key(projected.Row(row));
            if (!places.TryGetValue(key, out var cycles))
            {
                places.Add(key, cycles = []);
            }

            var current = row;
            var cycle = cycles.Find(c => projected.Row(c.First).SequenceEqual(projected.Row(current)));
            if (cycle is null)
            {
                cycles.Add(new RowCycle(row));
            }
            else
            {
                cycle.Add(row);
            }
        }

        var tie = Unmatched(output.Rows);
        for (var row = 0; row < tie.Length; row++)
        {
            var current = row;
            if (places.TryGetValue(Key(output.Row(row)), out var cycles)
                && cycles.Find(c => projected.Row(c.First).SequenceEqual(output.Row(current))) is { } cycle)
            {
                tie[row] = cycle.Next();
            }
        }

        return tie;
    }

    /// <summary>
    /// Rows that are equal up to one factor for all. Candidates are found by a fixed projection of the directions onto a line, which is
    /// nearly equal for nearly equal rows.
    /// </summary>
    private static int[] UpToFactor(TokenMatrix output, TokenMatrix projected, float tolerance)
    {
        var (theirs, ours) = (Directions(projected), Directions(output));
        var order = Enumerable.Range(0, projected.Rows).Where(row => theirs.Lengths[row] > 0).OrderBy(row => theirs.Places[row]).ToArray();
        var places = order.Select(row => theirs.Places[row]).ToArray();
        var width = output.Width;
        var factors = new List<double>();
        var candidates = new List<int>[output.Rows];
        for (var row = 0; row < output.Rows; row++)
        {
            candidates[row] = [];
            if (ours.Lengths[row] == 0)
            {
                continue;
            }

            var direction = ours.Values.AsSpan(row * width, width);
            var allowed = Math.Abs(tolerance * TensorPrimitives.MaxMagnitude<float>(direction));
            var slack = allowed * Math.Sqrt(width);
            foreach (var sign in (ReadOnlySpan<float>)[1, -1])
            {
                var place = sign * ours.Places[row];
                for (var i = LowerBound(places, place - slack); i < order.Length && places[i] <= place + slack; i++)
                {
                    if (candidates[row].Count < MaxCandidates && Near(direction, theirs.Values.AsSpan(order[i] * width, width), sign, allowed))
                    {
                        candidates[row].Add(order[i]);
                        factors.Add(sign * ours.Lengths[row] / theirs.Lengths[order[i]]);
                    }
                }
            }
        }

        if (factors.Count == 0)
        {
            return Unmatched(output.Rows);
        }

        factors.Sort();
        var factor = factors[factors.Count / 2];
        var used = new int[projected.Rows];
        var tie = Unmatched(output.Rows);
        for (var row = 0; row < tie.Length; row++)
        {
            var partner = candidates[row]
                .Where(c => Math.Abs((ours.Lengths[row] / theirs.Lengths[c]) - Math.Abs(factor)) <= 4 * tolerance * Math.Abs(factor))
                .OrderBy(c => used[c]).ThenBy(c => c)
                .Select(c => (int?)c)
                .FirstOrDefault();
            if (partner is { } found)
            {
                tie[row] = found;
                used[found]++;
            }
        }

        return tie;
    }

    private static bool Near(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float sign, float tolerance)
    {
        for (var i = 0; i < a.Length; i++)
        {
            if (!(Math.Abs(a[i] - (sign * b[i])) <= tolerance))
            {
                return false;
            }
        }

        return true;
    }

    private static int LowerBound(double[] sorted, double value)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] < value ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Rows of length one, their lengths, and where they lie on a line of fixed, irregular direction.</summary>
    private static (float[] Values, double[] Lengths, double[] Places) Directions(TokenMatrix matrix)
    {
        var line = new float[matrix.Width];
        for (var i = 0; i < line.Length; i++)
        {
            line[i] = (float)Math.Sin((i * 1.7) + 0.3) / MathF.Sqrt(matrix.Width);
        }

        var values = matrix.Values.ToArray();
        var (lengths, places) = (new double[matrix.Rows], new double[matrix.Rows]);
        for (var row = 0; row < matrix.Rows; row++)
        {
            var span = values.AsSpan(row * matrix.Width, matrix.Width);
            lengths[row] = TensorPrimitives.Norm<float>(span);
            if (lengths[row] > 0 && double.IsFinite(lengths[row]))
            {
                TensorPrimitives.Divide(span, (float)lengths[row], span);
                places[row] = TensorPrimitives.Dot<float>(span, line);
            }
            else
            {
                lengths[row] = 0;
            }
        }

        return (values, lengths, places);
    }

    /// <summary>Whether a tie found more than chance: rows of zeros say nothing.</summary>
    private static bool IsFound(int[] tie, TokenMatrix output)
    {
        for (var row = 0; row < tie.Length; row++)
        {
            if (tie[row] >= 0 && output.Row(row).ContainsAnyExcept(0f))
            {
                return true;
            }
        }

        return false;
    }

    private static TokenMatrix ToHalf(TokenMatrix matrix) =>
        new(Array.ConvertAll(matrix.Values.ToArray(), v => (float)(Half)v), matrix.Rows, matrix.Width);

    private static bool IsHalf(ReadOnlySpan<float> values)
    {
        foreach (var value in values)
        {
            if ((float)(Half)value != value)
            {
                return false;
            }
        }

        return true;
    }

    private static int[] Unmatched(int rows)
    {
        var tie = new int[rows];
        Array.Fill(tie, -1);
        return tie;
    }

    /// <summary>Only a filter: equality is checked.</summary>
    private static int Key(ReadOnlySpan<float> row)
    {
        var hash = default(HashCode);
        hash.AddBytes(MemoryMarshal.AsBytes(row));
        return hash.ToHashCode();
    }
}
