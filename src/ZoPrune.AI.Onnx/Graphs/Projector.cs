using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>The projector inside a vision graph: the last learned map from vision width to text width.</summary>
/// <param name="Graph">The vision graph.</param>
/// <param name="First">Its first affine map, whose input is the projector input <c>V</c>.</param>
/// <param name="Activation">The activation behind it; <c>null</c> for a projector of one affine map.</param>
/// <param name="Last">Its last affine map; the same as <paramref name="First"/> for a projector of one affine map.</param>
/// <param name="Output">
/// The projector's own output <c>Z</c>, before views, scaling and reordering, behind a change of the element type.
/// </param>
/// <param name="KeepsRowOrder">
/// Whether only views and scaling lie between the projector and the graph's output, so that row i of the output is row i of the projector.
/// </param>
internal sealed record Projector(
    OnnxGraph Graph, LinearLayer First, ProjectorActivation? Activation, LinearLayer Last, string Output, bool KeepsRowOrder)
{
    /// <summary>The tensor <c>V</c>.</summary>
    public string Input => First.Input;

    /// <summary>The tensor <c>W1 v + b1</c>; without <c>b1</c> where the weights say so.</summary>
    public string PreActivation => First.Output;

    /// <summary>
    /// The normalisation before a projector of one affine map; <c>null</c> if there is none, or if the projector has an activation.
    /// </summary>
    public Normalization? Normalization { get; init; }

    public int InputWidth => First.InputWidth;

    public int OutputWidth => Last.OutputWidth;

    /// <summary>Reads the weights for the closed form, de-quantised.</summary>
    /// <exception cref="ModelFolderException">Their data is missing or damaged.</exception>
    /// <exception cref="InvalidOperationException">The projector is one affine map.</exception>
    public ProjectorWeights ReadWeights()
    {
        var activation = Activation ?? throw new InvalidOperationException("The projector is one affine map; its sensitivity is constant.");
        return Checked(() => new ProjectorWeights(
            First.ReadMatrix(),
            First.ReadBias(),
            Last.ReadMatrix(),
            Last.ReadBias(),
            First.InputWidth,
            First.OutputWidth,
            Last.OutputWidth,
            activation)
        {
            PreActivationsLackBias = First.BiasIsInActivation,
        });
    }

    /// <summary>Reads the weights for the sensitivity of normalisation and affine map together.</summary>
    /// <exception cref="ModelFolderException">Their data is missing or damaged.</exception>
    /// <exception cref="InvalidOperationException">No normalisation was found.</exception>
    public NormalizedLinearWeights ReadNormalizedWeights()
    {
        var norm = Normalization ?? throw new InvalidOperationException("No normalisation feeds the projector.");
        return Checked(() => new NormalizedLinearWeights(
            Last.ReadMatrix(), norm.ReadGain(), norm.Width, InputWidth / norm.Width, OutputWidth, norm.Kind, norm.Epsilon));
    }

    public ProjectorDescription Describe() => new(
        Input, Output, InputWidth, Activation is null ? null : First.OutputWidth, OutputWidth, Activation)
    {
        Normalization = Normalization is { } norm
            ? new ProjectorNormalization(norm.Kind, norm.Inputs[0], norm.Width, InputWidth / norm.Width)
            : null,
    };

    private T Checked<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ArgumentException e)
        {
            throw new ModelFolderException(
                Graph.File, $"the projector between '{Input}' and '{Output}' has weights that are no numbers: {e.Message}", e);
        }
    }
}
