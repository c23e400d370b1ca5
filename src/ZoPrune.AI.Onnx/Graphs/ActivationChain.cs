using ZoPrune.AI.Onnx.Graphs.Layers;
using ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>An elementwise activation between two affine maps, whichever nodes an exporter wrote it with.</summary>
/// <param name="Activation">Which function it is.</param>
/// <param name="Factor">What it is multiplied by: optimisers move constant factors into the product behind.</param>
/// <param name="Before">The affine map that produces the pre-activation, with the bias that the activation's node may add to it.</param>
internal sealed record ActivationChain(ProjectorActivation Activation, float Factor, LinearLayer Before)
{
    /// <summary>Tanh-GELU written out has eight nodes; casts and quantisation may stand between them.</summary>
    private const int MaxNodes = 32;

    /// <summary>
    /// Walks back from a tensor over elementwise nodes until one affine map feeds them all, and looks which function they compute.
    /// </summary>
    public static ActivationChain? Find(OnnxGraph graph, string tensor)
    {
        var nodes = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var constants = new Dictionary<string, double>(StringComparer.Ordinal);
        LinearLayer? before = null;
        ConstantTensor? bias = null;
        var open = new Stack<string>([tensor]);
        while (open.TryPop(out var current))
        {
            if (LinearLayer.Find(graph, current) is { } linear)
            {
                if (before is not null && before.Output != linear.Output)
                {
                    return null;
                }

                before = linear;
                continue;
            }

            var node = graph.ProducerOf(current);
            if (node is null || ScalarFunctions.Operands(node) is not (> 0 and var operands) || nodes.Count >= MaxNodes)
            {
                return null;
            }

            if (!nodes.Add(node))
            {
                continue;
            }

            if (ScalarFunctions.HasBias(node) && node.InputAt(1).Length > 0)
            {
                bias = ConstantTensor.Find(graph, node.InputAt(1));
                if (bias is null || nodes.Count(ScalarFunctions.HasBias) > 1)
                {
                    return null;
                }
            }

            foreach (var input in node.Input.Take(operands))
            {
                if (ConstantTensor.TryReadScalar(graph, input, out var value))
                {
                    constants[input] = value;
                }
                else
                {
                    open.Push(input);
                }
            }
        }

        before = WithBias(graph, before, bias, nodes);
        return before is not null && Classify(graph, tensor, before.Output, constants) is var (activation, factor)
            ? new ActivationChain(activation, factor, before)
            : null;
    }

    private static LinearLayer? WithBias(OnnxGraph graph, LinearLayer? before, ConstantTensor? bias, HashSet<NodeProto> nodes)
    {
        if (before is null || bias is null)
        {
            return before;
        }

        // The bias belongs to the product only where nothing else comes between them.
        var node = nodes.Single(ScalarFunctions.HasBias);
        return before.Bias is null && BiasedProduct.IsBias(bias, before.OutputWidth)
            && Passage.Source(graph, node.InputAt(0)) == before.Output
            ? before with { Bias = bias, BiasIsInActivation = true }
            : null;
    }

    private static (ProjectorActivation Activation, float Factor)? Classify(
        OnnxGraph graph, string tensor, string preActivation, Dictionary<string, double> constants)
    {
        var function = new ScalarFunction(graph, tensor, preActivation, constants);
        return KnownActivations.Closest(function.At);
    }
}
