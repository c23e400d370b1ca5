using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>One affine map in a graph: a matrix product with a weight, and the bias that is added to it.</summary>
/// <param name="Product">The node of the matrix product.</param>
/// <param name="Input">The tensor that is multiplied.</param>
/// <param name="Output">The result, behind the bias.</param>
/// <param name="Weight">The weight.</param>
/// <param name="WeightIsOutIn">Whether the weight is [out, in] (Gemm with transB); otherwise it is [in, out].</param>
/// <param name="Bias">The bias [out], if there is one.</param>
internal sealed record LinearLayer(
    NodeProto Product,
    string Input,
    string Output,
    GraphInitializer Weight,
    bool WeightIsOutIn,
    GraphInitializer? Bias)
{
    public int InputWidth => (int)Weight.Shape[WeightIsOutIn ? 1 : 0];

    public int OutputWidth => (int)Weight.Shape[WeightIsOutIn ? 0 : 1];

    /// <summary>Recognises the affine map that produces a tensor.</summary>
    public static LinearLayer? Find(OnnxGraph graph, string tensor)
    {
        var node = graph.ProducerOf(tensor);
        switch (node?.OpType)
        {
            case "Gemm":
                return FromGemm(graph, node, tensor);
            case "MatMul":
                return FromMatMul(graph, node, tensor, null);
            case "Add":
                for (var i = 0; i < 2; i++)
                {
                    if (graph.Initializer(node.Input[i]) is { Shape.Count: 1 } bias
                        && graph.ProducerOf(node.Input[1 - i]) is { OpType: "MatMul" } product)
                    {
                        return FromMatMul(graph, product, tensor, bias);
                    }
                }

                return null;
            default:
                return null;
        }
    }

    private static LinearLayer? FromMatMul(OnnxGraph graph, NodeProto product, string output, GraphInitializer? bias) =>
        graph.Initializer(product.Input[1]) is { Shape.Count: 2 } weight
            ? new LinearLayer(product, product.Input[0], output, weight, false, bias)
            : null;

    private static LinearLayer? FromGemm(OnnxGraph graph, NodeProto node, string output)
    {
        var plain = node.Number("alpha", 1) == 1 && node.Number("beta", 1) == 1 && node.Int("transA") == 0;
        var bias = node.Input.Count > 2 && node.Input[2].Length > 0 ? graph.Initializer(node.Input[2]) : null;
        var biasUnderstood = node.Input.Count < 3 || node.Input[2].Length == 0 || bias is { Shape.Count: 1 };
        return plain && biasUnderstood && graph.Initializer(node.Input[1]) is { Shape.Count: 2 } weight
            ? new LinearLayer(node, node.Input[0], output, weight, node.Int("transB") == 1, bias)
            : null;
    }
}
