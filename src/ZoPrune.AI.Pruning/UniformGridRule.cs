namespace ZoPrune.AI.Pruning;

/// <summary>How k tokens are spread evenly.</summary>
public enum UniformGridRule
{
    /// <summary>Evenly over the tokens in their order: <c>floor((j + 1/2) n / k)</c>.</summary>
    FlattenedIndex,

    /// <summary>
    /// Evenly in both directions: rows in proportion to the grid's sides, the k tokens spread over the rows and, within a row, over its
    /// columns, each in the middle of its share. As <see cref="FlattenedIndex"/> where the tokens fill no known grid.
    /// </summary>
    SubGrid,
}
