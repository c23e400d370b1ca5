namespace ZoPrune.AI.Onnx.Images.Resampling;

/// <summary>Runs work over rows: at once where it is little, on several threads where it is much.</summary>
internal static class RowBands
{
    /// <summary>Multiplications below which other threads cost more than they bring.</summary>
    private const long ParallelWork = 1 << 22;

    public static void Run(int rows, long work, Action<int> row)
    {
        if (work < ParallelWork || rows == 1 || Environment.ProcessorCount == 1)
        {
            for (var y = 0; y < rows; y++)
            {
                row(y);
            }

            return;
        }

        Parallel.For(0, rows, row);
    }
}
