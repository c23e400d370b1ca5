namespace ZoPrune.AI.Pruning;

/// <summary>What was done to the visual tokens of a call: one report per image, and the totals.</summary>
public sealed record PruningReport
{
    /// <summary>The images in the order of the prompt.</summary>
    public required IReadOnlyList<ImagePruningReport> Images { get; init; }

    /// <summary>Visual tokens of all images before.</summary>
    public int VisualTokens => Images.Sum(image => image.VisualTokens);

    /// <summary>Visual tokens of all images after.</summary>
    public int VisualTokensKept => Images.Sum(image => image.VisualTokensKept);
}
