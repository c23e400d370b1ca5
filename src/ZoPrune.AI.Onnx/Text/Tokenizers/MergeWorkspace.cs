namespace ZoPrune.AI.Onnx.Text.Tokenizers;

/// <summary>Buffers of one <c>TextTokenizer.Encode</c> call.</summary>
internal sealed class MergeWorkspace
{
    /// <summary>The symbols to merge, and the merged ids afterwards.</summary>
    public List<int> Symbols { get; } = [];

    /// <summary>Index of the next living symbol for each symbol, −1 behind the last.</summary>
    public int[] Next { get; private set; } = [];

    /// <summary>Index of the previous living symbol for each symbol, −1 before the first.</summary>
    public int[] Previous { get; private set; } = [];

    /// <summary>Pairs to merge, ordered by rank, then position.</summary>
    public PriorityQueue<(int Position, int Left, int Right), long> Pairs { get; } = new();

    /// <summary>Pairs of equal rank that are merged in one pass.</summary>
    public List<(int Position, int Left, int Right)> Pass { get; } = [];

    public void Link()
    {
        var count = Symbols.Count;
        if (Next.Length < count)
        {
            Next = new int[Math.Max(count, 2 * Next.Length)];
            Previous = new int[Next.Length];
        }

        for (var i = 0; i < count; i++)
        {
            Next[i] = i + 1 < count ? i + 1 : -1;
            Previous[i] = i - 1;
        }

        Pairs.Clear();
    }
}
