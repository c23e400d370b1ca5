using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>Matrix products whose matrix is stored in floating point, or de-quantised by nodes before the product.</summary>
internal static class FloatProducts
{
    public static LinearLayer? MatMul(OnnxGraph graph, NodeProto node, string tensor) => Make(graph, node, tensor, false, 1, null);

    public static LinearLayer? FusedMatMul(OnnxGraph graph, NodeProto node, string tensor) =>
        node.Int("transA") == 0 && node.Int("transBatchA") == 0 && node.Int("transBatchB") == 0
            ? Make(graph, node, tensor, node.Int("transB") != 0, node.Number("alpha", 1), null)
            : null;

    public static LinearLayer? Gemm(OnnxGraph graph, NodeProto node, string tensor)
    {
        if (node.Int("transA") != 0)
        {
            return null;
        }

        var beta = node.Number("beta", 1);
        var bias = ConstantTensor.Find(graph, node.InputAt(2));
        if (bias is null && node.InputAt(2).Length > 0 && beta != 0)
        {
            return null;
        }

        var scaled = bias is null || beta == 0 ? null
            : beta == 1 ? bias
            : bias with { Values = () => [.. bias.Values().Select(b => b * beta)] };
        return Make(graph, node, tensor, node.Int("transB") != 0, node.Number("alpha", 1), scaled);
    }

    private static LinearLayer? Make(OnnxGraph graph, NodeProto node, string tensor, bool isOutIn, float scale, ConstantTensor? bias) =>
        LinearLayer.Create(
            Passage.Unquantized(graph, node.InputAt(0)), tensor, ConstantTensor.Find(graph, node.InputAt(1)), isOutIn, scale, bias);
}
