namespace ZoPrune.AI.Onnx.Prompts;

/// <summary>Looks into the ascending rows that are kept of an image.</summary>
internal static class KeptRows
{
    /// <summary>How many kept rows lie among <paramref name="count"/> rows from <paramref name="first"/> on.</summary>
    public static int CountIn(this IReadOnlyList<int> kept, int first, int count) => kept.IndexFrom(first + count) - kept.IndexFrom(first);

    /// <summary>The index of the first kept row that is not below <paramref name="row"/>.</summary>
    public static int IndexFrom(this IReadOnlyList<int> kept, int row)
    {
        var (low, high) = (0, kept.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (kept[middle] < row)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
