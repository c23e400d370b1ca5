namespace ZoPrune.AI.SyntheticVlm.Kinds;

/// <summary>The widths of a vision transformer.</summary>
/// <param name="Width">The vision width.</param>
/// <param name="Layers">How many layers are run.</param>
/// <param name="Heads">Heads of attention.</param>
/// <param name="Inner">The width within the feed-forward layer.</param>
internal sealed record VisionDimensions(int Width, int Layers, int Heads, int Inner)
{
    /// <summary>The width of a head.</summary>
    public int HeadSize => Width / Heads;

    /// <summary>Every which layer looks at the whole picture, where the others look at windows.</summary>
    public int WholeEvery { get; init; } = 1;
}
