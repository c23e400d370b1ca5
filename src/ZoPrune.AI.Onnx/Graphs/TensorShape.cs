using System.Globalization;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>Shapes as they stand in a file, which may be damaged.</summary>
internal static class TensorShape
{
    /// <summary>How many elements a shape has; <c>null</c> if a dimension is negative or there are more than a number can say.</summary>
    public static long? Count(IReadOnlyList<long> dimensions)
    {
        var count = 1L;
        foreach (var dimension in dimensions)
        {
            if (dimension < 0 || (dimension > 0 && count > long.MaxValue / 64 / dimension))
            {
                return null;
            }

            count *= dimension;
        }

        return count;
    }

    public static string Text(IReadOnlyList<long> dimensions) =>
        "[" + string.Join(", ", dimensions.Select(d => d.ToString(CultureInfo.InvariantCulture))) + "]";
}
