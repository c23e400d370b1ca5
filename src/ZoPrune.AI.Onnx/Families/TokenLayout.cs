using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>How the visual tokens of one image lie in the picture.</summary>
/// <param name="Grid">The grid of the tokens that are not structural, or of each crop's; <c>null</c> where they form none.</param>
internal sealed record TokenLayout(TokenGrid? Grid)
{
    /// <summary>Nothing is known.</summary>
    public static TokenLayout Unknown { get; } = new((TokenGrid?)null);

    /// <summary>Rows that belong to no place in the picture (newlines, separators), ascending.</summary>
    public IReadOnlyList<int> Structural { get; init; } = [];

    /// <summary>
    /// The crop that each row belongs to, numbered from 0; empty for one crop. What stands for structural rows does not count.
    /// </summary>
    public IReadOnlyList<int> Crops { get; init; } = [];
}
