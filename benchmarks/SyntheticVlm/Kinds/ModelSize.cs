namespace ZoPrune.AI.SyntheticVlm.Kinds;

/// <summary>A size of a kind.</summary>
/// <param name="Name">What it is called: about how many parameters it has in all.</param>
/// <param name="Vision">The vision transformer.</param>
/// <param name="Decoder">The decoder.</param>
internal sealed record ModelSize(string Name, VisionDimensions Vision, DecoderDimensions Decoder)
{
    /// <summary>The size of a few megabytes that tests use.</summary>
    public const string Tiny = "tiny";

    /// <summary>The size whose vision stage is that of the imitated model itself; the rest of it is cut short.</summary>
    public const string VisionStage = "7b-vision";

    /// <summary>Rows of the token embedding and of the output head.</summary>
    public int Vocabulary { get; init; } = 32000;
}
