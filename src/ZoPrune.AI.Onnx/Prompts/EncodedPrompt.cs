namespace ZoPrune.AI.Onnx;

/// <summary>A prompt as the language model takes it: ids with as many placeholders as visual tokens are kept, and their positions.</summary>
public sealed class EncodedPrompt
{
    internal EncodedPrompt(int[] inputIds, long[] positions, long nextPosition, PositionPolicy policy, int visualTokens, int visualTokensKept)
    {
        InputIds = inputIds;
        Positions = positions;
        NextPosition = nextPosition;
        Policy = policy;
        VisualTokens = visualTokens;
        VisualTokensKept = visualTokensKept;
    }

    /// <summary>The token ids.</summary>
    public IReadOnlyList<int> InputIds { get; }

    /// <summary>The position of each token.</summary>
    public IReadOnlyList<long> Positions { get; }

    /// <summary>How many tokens the prompt has.</summary>
    public int Length => InputIds.Count;

    /// <summary>
    /// The position of the first generated token: with <see cref="PositionPolicy.Original"/> the length of the unpruned prompt, with
    /// <see cref="PositionPolicy.Compact"/> <see cref="Length"/>. It is what counts against the context length.
    /// </summary>
    public long NextPosition { get; }

    /// <summary>The position policy that was used: never <see cref="PositionPolicy.Auto"/>.</summary>
    public PositionPolicy Policy { get; }

    /// <summary>Visual tokens of all images before pruning.</summary>
    public int VisualTokens { get; }

    /// <summary>Visual tokens in the prompt.</summary>
    public int VisualTokensKept { get; }
}
