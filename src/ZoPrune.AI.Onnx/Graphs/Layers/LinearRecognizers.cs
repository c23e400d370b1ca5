namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>The ways of writing an affine map that are known, by the operator of the last node.</summary>
internal static class LinearRecognizers
{
    private static readonly Dictionary<string, LinearRecognizer> s_products = new(StringComparer.Ordinal)
    {
        ["MatMul"] = FloatProducts.MatMul,
        ["FusedMatMul"] = FloatProducts.FusedMatMul,
        ["Gemm"] = FloatProducts.Gemm,
        ["MatMulNBits"] = BlockQuantizedProducts.MatMulNBits,
        ["MatMulBnb4"] = BlockQuantizedProducts.MatMulBnb4,
        ["Mul"] = IntegerProducts.MatMulInteger,
        ["MatMulIntegerToFloat"] = IntegerProducts.MatMulIntegerToFloat,
        ["DynamicQuantizeMatMul"] = IntegerProducts.DynamicQuantizeMatMul,
        ["DequantizeLinear"] = IntegerProducts.QLinearMatMul,
        ["QGemm"] = IntegerProducts.QGemm,
    };

    /// <summary>The affine map that a tensor is the result of, its bias included.</summary>
    public static LinearLayer? Find(OnnxGraph graph, string tensor) =>
        graph.ProducerOf(tensor) is { OpType: "Add" } add ? BiasedProduct.Add(graph, add, tensor) : FindProduct(graph, tensor);

    /// <summary>The matrix product that a tensor is the result of, without nodes that only add a bias.</summary>
    public static LinearLayer? FindProduct(OnnxGraph graph, string tensor) =>
        graph.ProducerOf(tensor) is { } node && s_products.TryGetValue(node.OpType, out var recognizer)
            ? recognizer(graph, node, tensor)
            : null;
}
