using System.Numerics;

namespace ZoPrune.AI.Onnx.Sampling;

/// <summary>The tokens with the largest logits, largest first, without sorting the vocabulary.</summary>
/// <remarks>
/// A heap of k tokens, handled step by step as libstdc++'s <c>std::partial_sort</c> handles it. The order among equal logits, which
/// reduced-precision models produce often, is then the one that ONNX Runtime GenAI draws from on Linux.
/// </remarks>
internal static class PartialSort
{
    /// <summary>Finds the <c>best.Length</c> largest of all logits.</summary>
    /// <param name="logits">Logits, at least as many as are wanted; no NaN.</param>
    /// <param name="best">Receives token ids, largest logit first.</param>
    public static void SelectLargest(ReadOnlySpan<float> logits, Span<int> best)
    {
        for (var i = 0; i < best.Length; i++)
        {
            best[i] = i;
        }

        MakeHeap(best, logits);
        var id = best.Length;
        var smallest = logits[best[0]];
        while (id < logits.Length)
        {
            // Nearly all blocks hold nothing above the smallest of the heap.
            if (id <= logits.Length - Vector<float>.Count
                && !Vector.GreaterThanAny(new Vector<float>(logits[id..]), new Vector<float>(smallest)))
            {
                id += Vector<float>.Count;
                continue;
            }

            var end = Math.Min(id + Vector<float>.Count, logits.Length);
            for (; id < end; id++)
            {
                if (logits[id] > smallest)
                {
                    SiftDown(best, 0, best.Length, id, logits);
                    smallest = logits[best[0]];
                }
            }
        }

        SortHeap(best, logits);
    }

    /// <summary>
    /// Moves the <paramref name="count"/> ids with the largest logits to the front, largest first; the rest stays unsorted.
    /// </summary>
    public static void Sort(Span<int> ids, int count, ReadOnlySpan<float> logits)
    {
        if (count == 0)
        {
            return;
        }

        var heap = ids[..count];
        MakeHeap(heap, logits);
        for (var i = count; i < ids.Length; i++)
        {
            if (logits[ids[i]] > logits[heap[0]])
            {
                var id = ids[i];
                ids[i] = heap[0];
                SiftDown(heap, 0, count, id, logits);
            }
        }

        SortHeap(heap, logits);
    }

    private static void MakeHeap(Span<int> heap, ReadOnlySpan<float> logits)
    {
        for (var parent = (heap.Length - 2) / 2; heap.Length > 1 && parent >= 0; parent--)
        {
            SiftDown(heap, parent, heap.Length, heap[parent], logits);
        }
    }

    private static void SortHeap(Span<int> heap, ReadOnlySpan<float> logits)
    {
        for (var last = heap.Length - 1; last > 0; last--)
        {
            var id = heap[last];
            heap[last] = heap[0];
            SiftDown(heap, 0, last, id, logits);
        }
    }

    /// <summary>Lets the hole sink to a leaf along the smaller logits, then lets the id rise from there.</summary>
    private static void SiftDown(Span<int> heap, int hole, int length, int id, ReadOnlySpan<float> logits)
    {
        var top = hole;
        var child = hole;
        while (child < (length - 1) / 2)
        {
            child = 2 * (child + 1);
            if (logits[heap[child]] > logits[heap[child - 1]])
            {
                child--;
            }

            heap[hole] = heap[child];
            hole = child;
        }

        if (length % 2 == 0 && child == (length - 2) / 2)
        {
            child = 2 * (child + 1);
            heap[hole] = heap[child - 1];
            hole = child - 1;
        }

        var value = logits[id];
        while (hole > top)
        {
            var parent = (hole - 1) / 2;
            if (!(logits[heap[parent]] > value))
            {
                break;
            }

            heap[hole] = heap[parent];
            hole = parent;
        }

        heap[hole] = id;
    }
}
