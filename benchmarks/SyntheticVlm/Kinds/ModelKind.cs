using ZoPrune.AI.SyntheticVlm.Folders;

namespace ZoPrune.AI.SyntheticVlm.Kinds;

/// <summary>A model that is imitated: everything about it that does not depend on the size.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Imitates">The model.</param>
/// <param name="SpecialTokens">Its control tokens, from id 0.</param>
/// <param name="Sizes">Its sizes.</param>
/// <param name="CreateFolder">What writes its folder.</param>
internal sealed record ModelKind(
    string Name,
    string Imitates,
    IReadOnlyList<string> SpecialTokens,
    IReadOnlyList<ModelSize> Sizes,
    Func<ModelPlan, OutputFolder, ModelFolderWriter> CreateFolder)
{
    /// <summary>Prompt and answer together, in tokens.</summary>
    public int ContextLength { get; init; } = 4096;

    /// <summary>How positions reach the decoder.</summary>
    public RotaryPlacement Rotary { get; init; }

    /// <summary>The base of rotary positions.</summary>
    public double RotaryTheta { get; init; } = 10000;

    /// <summary>Whether queries, keys and values have biases.</summary>
    public bool HasAttentionBias { get; init; }

    /// <summary>The id of a control token.</summary>
    /// <exception cref="ArgumentException">There is no such token.</exception>
    public int IdOf(string token)
    {
        for (var id = 0; id < SpecialTokens.Count; id++)
        {
            if (SpecialTokens[id] == token)
            {
                return id;
            }
        }

        throw new ArgumentException($"{Name} has no token '{token}'.", nameof(token));
    }
}
