using ZoPrune.AI.Onnx.Images.Preprocessors;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx;

/// <summary>What the vision graph makes of one image: plain data, independent of the model that made it.</summary>
public sealed class VisualTokens
{
    private readonly object _self = new();

    /// <summary>Makes visual tokens.</summary>
    /// <param name="tokens">The projected embeddings <c>Z</c> [tokens, text width] and what is known of their origin.</param>
    public VisualTokens(PrunableTokens tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Tokens = tokens;
    }

    /// <summary>
    /// Names the picture and everything that decides on its visual tokens beside the model (how it was decoded and cut): two objects with
    /// the same id have the same rows, so that a <see cref="SequencePool"/> may take one for the other. <c>null</c>: these visual tokens
    /// are equal to themselves alone.
    /// </summary>
    public string? ContentId { get; init; }

    /// <summary>The projected embeddings and what the pruner may use: projector input, pre-activation, grid, structural rows.</summary>
    public PrunableTokens Tokens { get; }

    /// <summary>How the picture was cut into tiles, where it was: prompts of some families say so.</summary>
    internal TileLayout? Tiles { get; init; }

    /// <summary>What tells these visual tokens from others; does not keep them alive.</summary>
    internal object Identity => ContentId ?? _self;

    /// <summary>How many visual tokens the image has.</summary>
    public int Count => Tokens.Embeddings.Rows;

    /// <summary>The width of a projected embedding.</summary>
    public int Width => Tokens.Embeddings.Width;

    /// <summary>The same rows without what only the pruner reads (projector input, pre-activation): to be kept.</summary>
    /// <param name="contentId">See <see cref="ContentId"/>.</param>
    public VisualTokens WithoutProjectorTensors(string? contentId) => new(new PrunableTokens
    {
        Embeddings = Tokens.Embeddings,
        NoSensitivityReason = Tokens.NoSensitivityReason,
        Structural = Tokens.Structural,
        Grid = Tokens.Grid,
        CropLengths = Tokens.CropLengths,
        Crops = Tokens.Crops,
    })
    {
        ContentId = contentId,
        Tiles = Tiles,
    };
}
