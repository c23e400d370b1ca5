using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>
/// A tensor whose values stand in the file: a weight, a Constant node, or such behind casts, a transposition, de-quantisation or simple
/// sums.
/// The values are read when they are asked for, never before.
/// </summary>
/// <param name="Name">The stored tensor that the values come from.</param>
/// <param name="Shape">The shape of this tensor, which is not that of the stored one if something was packed or turned.</param>
/// <param name="ElementType">The element type of this tensor in the graph.</param>
/// <param name="Values">Reads the values as float32, in the order of <paramref name="Shape"/>.</param>
internal sealed record ConstantTensor(string Name, IReadOnlyList<long> Shape, TensorElementType ElementType, Func<float[]> Values)
{
    /// <summary>Nodes between a weight and where it is used: exporters write one to three.</summary>
    private const int MaxNodes = 8;

    private static readonly Dictionary<string, Func<OnnxGraph, NodeProto, int, ConstantTensor?>> s_nodes = new(StringComparer.Ordinal)
    {
        ["Constant"] = static (graph, node, _) => FromConstant(graph, node),
        ["Identity"] = static (graph, node, depth) => Find(graph, node.InputAt(0), depth),
        ["Cast"] = static (graph, node, depth) =>
            Find(graph, node.InputAt(0), depth) is { } tensor ? tensor with { ElementType = (TensorElementType)node.Int("to") } : null,
        ["Add"] = static (graph, node, depth) => Combined(graph, node, depth, static (a, b) => a + b),
        ["Mul"] = static (graph, node, depth) => Combined(graph, node, depth, static (a, b) => a * b),
        ["Transpose"] = static (graph, node, depth) => Transposed(node, Find(graph, node.InputAt(0), depth)),
        ["DequantizeLinear"] = static (graph, node, depth) => Dequantization.Of(
            Find(graph, node.InputAt(0), depth),
            Find(graph, node.InputAt(1), depth),
            node.InputAt(2).Length == 0 ? Dequantization.NoZeroPoint : Find(graph, node.InputAt(2), depth),
            (int)node.Int("axis", 1),
            node.Int("block_size")),
    };

    /// <summary>How many values it has; -1 if its shape is none.</summary>
    public long Count => TensorShape.Count(Shape) ?? -1;

    /// <summary>
    /// Recognises a constant; <c>null</c> if the tensor is none, or is made by something else than the nodes named above.
    /// </summary>
    public static ConstantTensor? Find(OnnxGraph graph, string tensor) => Find(graph, tensor, MaxNodes);

    /// <summary>
    /// Recognises a constant whose values are in the file as they are, so that the graph uses the very same ones; what nodes would compute
    /// (and round on the way) is <c>null</c>.
    /// </summary>
    public static ConstantTensor? FindStored(OnnxGraph graph, string tensor)
    {
        for (var depth = MaxNodes; depth > 0; depth--)
        {
            if (graph.Initializer(tensor) is { } weight)
            {
                return Of(graph, weight);
            }

            if (graph.ProducerOf(tensor) is not { Domain: "" or "ai.onnx", OpType: "Constant" or "Identity" } node)
            {
                return null;
            }

            if (node.OpType == "Constant")
            {
                return FromConstant(graph, node);
            }

            tensor = node.InputAt(0);
        }

        return null;
    }

    /// <summary>The one value of a constant with one element.</summary>
    public static bool TryReadScalar(OnnxGraph graph, string tensor, out float value)
    {
        var constant = Find(graph, tensor);
        if (constant is not { Count: 1 } || constant.ElementType is TensorElementType.String or TensorElementType.Bool)
        {
            value = 0;
            return false;
        }

        value = constant.Values()[0];
        return true;
    }

    /// <summary>A weight of the graph as a constant.</summary>
    public static ConstantTensor Of(OnnxGraph graph, GraphInitializer weight) =>
        new(weight.Name, weight.Shape, weight.ElementType, () => TensorData.ReadFloats(graph, weight));

    private static ConstantTensor? Find(OnnxGraph graph, string tensor, int depth)
    {
        if (graph.Initializer(tensor) is { } weight)
        {
            return Of(graph, weight);
        }

        return depth > 0 && graph.ProducerOf(tensor) is { } node && s_nodes.TryGetValue(node.OpType, out var read)
            ? read(graph, node, depth - 1)
            : null;
    }

    private static ConstantTensor? FromConstant(OnnxGraph graph, NodeProto node)
    {
        var name = node.Output.Count > 0 ? node.Output[0] : node.Name;
        foreach (var attribute in node.Attribute)
        {
            switch (attribute.Name)
            {
                case "value" when attribute.T is not null:
                    return Of(graph, new GraphInitializer(attribute.T, -1, 0)) with { Name = name };
                case "value_float":
                    return new ConstantTensor(name, [], TensorElementType.Float, () => [attribute.F]);
                case "value_floats":
                    return new ConstantTensor(name, [attribute.Floats.Count], TensorElementType.Float, () => [.. attribute.Floats]);
                case "value_int":
                    return new ConstantTensor(name, [], TensorElementType.Int64, () => [attribute.I]);
                case "value_ints":
                    return new ConstantTensor(name, [attribute.Ints.Count], TensorElementType.Int64, () => [.. attribute.Ints]);
            }
        }

        return null;
    }

    /// <summary>Two constants put together, as in the gain 1 + w; one of them may be a single number.</summary>
    private static ConstantTensor? Combined(OnnxGraph graph, NodeProto node, int depth, Func<float, float, float> combine)
    {
        var (first, second) = (Find(graph, node.InputAt(0), depth), Find(graph, node.InputAt(1), depth));
        if (first is null || second is null || (first.Count != 1 && second.Count != 1 && !first.Shape.SequenceEqual(second.Shape)))
        {
            return null;
        }

        var (larger, smaller) = first.Count >= second.Count ? (first, second) : (second, first);
        return larger with
        {
            Values = () =>
            {
                var (values, others) = (larger.Values(), smaller.Values());
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = combine(values[i], others[others.Length == 1 ? 0 : i]);
                }

                return values;
            },
        };
    }

    private static ConstantTensor? Transposed(NodeProto node, ConstantTensor? tensor)
    {
        var order = node.Ints("perm");
        if (tensor is not { Shape.Count: 2 } || (order.Count > 0 && order is not [1, 0]))
        {
            return null;
        }

        return tensor with
        {
            Shape = [tensor.Shape[1], tensor.Shape[0]],
            Values = () => MatrixLayout.Transpose(tensor.Values(), (int)tensor.Shape[0], (int)tensor.Shape[1]),
        };
    }
}
