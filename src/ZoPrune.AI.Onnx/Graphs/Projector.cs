using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>The projector inside a vision graph: the last learned map from vision width to text width.</summary>
/// <param name="Graph">The vision graph.</param>
/// <param name="First">Its first affine map, whose input is the projector input <c>V</c>.</param>
/// <param name="Activation">The activation behind it; <c>null</c> for a projector of one affine map.</param>
/// <param name="Last">Its last affine map; the same as <paramref name="First"/> for a projector of one affine map.</param>
/// <param name="KeepsRowOrder">
/// Whether only views lie between the projector and the graph's output, so that row i of the output is row i of the projector.
/// </param>
internal sealed record Projector(OnnxGraph Graph, LinearLayer First, ProjectorActivation? Activation, LinearLayer Last, bool KeepsRowOrder)
{
    /// <summary>The tensor <c>V</c>.</summary>
    public string Input => First.Input;

    /// <summary>The tensor <c>W1 v + b1</c>.</summary>
    public string PreActivation => First.Output;

    /// <summary>The projector's own output, before views and reordering.</summary>
    public string Output => Last.Output;

    public int InputWidth => First.InputWidth;

    public int OutputWidth => Last.OutputWidth;

    /// <summary>Reads the weights for the closed form.</summary>
    public ProjectorWeights ReadWeights() => new(
        ReadMatrix(First),
        ReadBias(First),
        ReadMatrix(Last),
        ReadBias(Last),
        First.InputWidth,
        First.OutputWidth,
        Last.OutputWidth,
        Activation ?? throw new InvalidOperationException("The projector is one affine map; its sensitivity is constant."));

    public ProjectorDescription Describe() => new(
        Input, Output, InputWidth, Activation is null ? null : First.OutputWidth, OutputWidth, Activation);

    private ReadOnlyMemory<float>? ReadBias(LinearLayer layer) =>
        layer.Bias is null ? null : (ReadOnlyMemory<float>)TensorData.ReadFloats(Graph, layer.Bias);

    private float[] ReadMatrix(LinearLayer layer)
    {
        var values = TensorData.ReadFloats(Graph, layer.Weight);
        if (layer.WeightIsOutIn)
        {
            return values;
        }

        var (rows, columns) = (layer.InputWidth, layer.OutputWidth);
        var transposed = new float[values.Length];
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < columns; j++)
            {
                transposed[(j * rows) + i] = values[(i * columns) + j];
            }
        }

        return transposed;
    }
}
