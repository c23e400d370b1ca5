using System.Runtime.InteropServices;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Vision;

/// <summary>
/// Says which row of the projector made which row of the vision graph's output, by comparing rows bit by bit: the graph may reorder rows
/// behind the projector and put structural rows between them.
/// </summary>
internal static class RowTie
{
    /// <summary>For each output row the projector row that it equals, -1 where there is none. Equal rows are tied in order.</summary>
    public static int[] ByEquality(TokenMatrix output, TokenMatrix projected)
    {
        var places = new Dictionary<int, Queue<int>>();
        for (var row = 0; row < projected.Rows; row++)
        {
            var key = Key(projected.Row(row));
            if (!places.TryGetValue(key, out var queue))
            {
                places.Add(key, queue = new Queue<int>());
            }

            queue.Enqueue(row);
        }

        var tie = new int[output.Rows];
        for (var row = 0; row < tie.Length; row++)
        {
            tie[row] = places.TryGetValue(Key(output.Row(row)), out var queue)
                && queue.TryPeek(out var candidate)
                && output.Row(row).SequenceEqual(projected.Row(candidate))
                    ? queue.Dequeue()
                    : -1;
        }

        return tie;
    }

    /// <summary>The rows of a matrix in the order of a tie; rows without a partner are zero.</summary>
    public static TokenMatrix Gather(TokenMatrix matrix, int[] tie)
    {
        var values = new float[tie.Length * matrix.Width];
        for (var row = 0; row < tie.Length; row++)
        {
            if (tie[row] >= 0)
            {
                matrix.Row(tie[row]).CopyTo(values.AsSpan(row * matrix.Width));
            }
        }

        return new TokenMatrix(values, tie.Length, matrix.Width);
    }

    /// <summary>Only a filter: equality is checked.</summary>
    private static int Key(ReadOnlySpan<float> row)
    {
        var hash = default(HashCode);
        hash.AddBytes(MemoryMarshal.AsBytes(row));
        return hash.ToHashCode();
    }
}
