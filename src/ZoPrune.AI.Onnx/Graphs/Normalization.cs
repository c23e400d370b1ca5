using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>The normalisation that feeds a projector of one affine map, directly or with several of its rows side by side.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Inputs">The tensors whose sum is normalised: one, or two where the residual connection is part of the node.</param>
/// <param name="InputBias">A bias that the node adds to that sum, if there is one.</param>
/// <param name="Output">The normalised rows, behind gain and bias.</param>
/// <param name="Width">How many values are normalised together.</param>
/// <param name="Gains">What normalised rows are multiplied by, [width] or one value each.</param>
/// <param name="Epsilon">What is added under the root.</param>
/// <param name="KeepsRowOrder">
/// Whether only views lie between <paramref name="Output"/> and the projector input, so that row i of the latter is made of the rows
/// i · blocks, i · blocks + 1, ….
/// </param>
internal sealed record Normalization(
    NormalizationKind Kind,
    IReadOnlyList<string> Inputs,
    ConstantTensor? InputBias,
    string Output,
    int Width,
    IReadOnlyList<ConstantTensor> Gains,
    float Epsilon,
    bool KeepsRowOrder)
{
    private readonly Lazy<float[]?> _inputBias = new(() => InputBias?.Values());

    /// <summary>The values of <see cref="InputBias"/>, read once.</summary>
    /// <exception cref="ModelFolderException">Its data is missing or damaged.</exception>
    public float[]? ReadInputBias() => _inputBias.Value;

    /// <summary>The gain [width]; <c>null</c> if there is none.</summary>
    /// <exception cref="ModelFolderException">Its data is missing or damaged.</exception>
    public float[]? ReadGain()
    {
        if (Gains.Count == 0)
        {
            return null;
        }

        var gain = new float[Width];
        Array.Fill(gain, 1);
        foreach (var factor in Gains)
        {
            var values = factor.Values();
            for (var i = 0; i < gain.Length; i++)
            {
                gain[i] *= values[values.Length == 1 ? 0 : i];
            }
        }

        return gain;
    }
}
