namespace ZoPrune.AI.Onnx.Families;

/// <summary>One visual token as a weighted sum of graph rows.</summary>
/// <param name="Parts">Rows and weights; empty for a learned row.</param>
internal readonly record struct RowMix(IReadOnlyList<(int Row, float Weight)> Parts)
{
    /// <summary>The learned row.</summary>
    public static RowMix Learned { get; } = new([]);

    /// <summary>A graph row as it is.</summary>
    public static RowMix Of(int row) => new([(row, 1f)]);
}
