using ZoPrune.AI.Onnx.Images.Preprocessors;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx;

/// <summary>What the vision graph makes of one image: plain data, independent of the model that made it.</summary>
public sealed class VisualTokens
{
    /// <summary>Makes visual tokens.</summary>
    /// <param name="tokens">The projected embeddings <c>Z</c> [tokens, text width] and what is known of their origin.</param>
    public VisualTokens(PrunableTokens tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        Tokens = tokens;
    }

    /// <summary>The projected embeddings and what the pruner may use: projector input, pre-activation, grid, structural rows.</summary>
    public PrunableTokens Tokens { get; }

    /// <summary>How the picture was cut into tiles, where it was: prompts of some families say so.</summary>
    internal TileLayout? Tiles { get; init; }

    /// <summary>How many visual tokens the image has.</summary>
    public int Count => Tokens.Embeddings.Rows;

    /// <summary>The width of a projected embedding.</summary>
    public int Width => Tokens.Embeddings.Width;
}
