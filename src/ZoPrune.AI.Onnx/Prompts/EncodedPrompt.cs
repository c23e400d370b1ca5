namespace ZoPrune.AI.Onnx;

/// <summary>
/// A prompt as the language model takes it: ids with as many placeholders as visual tokens are kept, and their positions.
/// </summary>
public sealed class EncodedPrompt
{
    internal EncodedPrompt(int[] inputIds, long[] positions, int positionAxes, long nextPosition, PositionPolicy policy, int visualTokens, int visualTokensKept)
    {
        InputIds = inputIds;
        Positions = positions;
        PositionAxes = positionAxes;
        NextPosition = nextPosition;
        Policy = policy;
        VisualTokens = visualTokens;
        VisualTokensKept = visualTokensKept;
    }

    /// <summary>The token ids.</summary>
    public IReadOnlyList<int> InputIds { get; }

    /// <summary>
    /// The position of each token; with several <see cref="PositionAxes"/> all of the first axis, then all of the next: time, height,
    /// width.
    /// </summary>
    public IReadOnlyList<long> Positions { get; }

    /// <summary>How many positions a token has: 1, or 3 for models with multi-axis rotary positions (mRoPE).</summary>
    public int PositionAxes { get; }

    /// <summary>How many tokens the prompt has.</summary>
    public int Length => InputIds.Count;

    /// <summary>
    /// The position of the first generated token: with <see cref="PositionPolicy.Original"/> that of the unpruned prompt, with
    /// <see cref="PositionPolicy.Compact"/> the one behind the last. It is what counts against the context length.
    /// </summary>
    public long NextPosition { get; }

    /// <summary>The position policy that was used: never <see cref="PositionPolicy.Auto"/>.</summary>
    public PositionPolicy Policy { get; }

    /// <summary>Visual tokens of all images before pruning.</summary>
    public int VisualTokens { get; }

    /// <summary>Visual tokens in the prompt.</summary>
    public int VisualTokensKept { get; }

    /// <summary>Where the visual tokens stand, ascending: the n-th is the n-th kept row of all images.</summary>
    internal IReadOnlyList<int> VisualIndices { get; init; } = [];

    /// <summary>Which tokens are masked in the prompt; <c>null</c> if none are.</summary>
    internal bool[]? Masked { get; init; }
}
