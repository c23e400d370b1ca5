using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>Matrix products of 8-bit integers. The tensor that enters them is the one before it is quantised.</summary>
internal static class IntegerProducts
{
    /// <summary><c>Cast(MatMulInteger(q, W)) · (scale of q · scale of W)</c>, as ONNX Runtime's dynamic quantisation writes it.</summary>
    public static LinearLayer? MatMulInteger(OnnxGraph graph, NodeProto node, string tensor)
    {
        for (var i = 0; i < 2; i++)
        {
            if (graph.ProducerOf(node.InputAt(i)) is { OpType: "Cast" } cast
                && graph.ProducerOf(cast.InputAt(0)) is { OpType: "MatMulInteger" } product
                && graph.ProducerOf(node.InputAt(1 - i)) is { OpType: "Mul" } scales
                && Quantizer(graph, product.InputAt(0)) is { } quantizer)
            {
                var ownScale = Enumerable.Range(0, 2).FirstOrDefault(k => IsScale(graph, quantizer, scales.InputAt(k)), -1);
                return ownScale < 0
                    ? null
                    : Make(graph, quantizer, tensor, product.InputAt(1), scales.InputAt(1 - ownScale), product.InputAt(3), null);
            }
        }

        return null;
    }

    /// <summary>Inputs A, B, scale of A, scale of B, zero point of A, zero point of B, bias.</summary>
    public static LinearLayer? MatMulIntegerToFloat(OnnxGraph graph, NodeProto node, string tensor) =>
        Quantizer(graph, node.InputAt(0)) is { } quantizer
            ? Make(graph, quantizer, tensor, node.InputAt(1), node.InputAt(3), node.InputAt(5), node.InputAt(6))
            : null;

    /// <summary>Inputs A (float), B, scale of B, zero point of B, bias.</summary>
    public static LinearLayer? DynamicQuantizeMatMul(OnnxGraph graph, NodeProto node, string tensor) =>
        Make(graph, node, tensor, node.InputAt(1), node.InputAt(2), node.InputAt(3), node.InputAt(4));

    /// <summary>
    /// A product in integers (QLinearMatMul or QGemm), de-quantised. Inputs A, its scale and zero point, B, its scale and zero point, …
    /// </summary>
    public static LinearLayer? QLinearMatMul(OnnxGraph graph, NodeProto node, string tensor)
    {
        var product = graph.ProducerOf(node.InputAt(0));
        return product?.OpType switch
        {
            "QLinearMatMul" when Quantizer(graph, product.InputAt(0)) is { } quantizer =>
                Make(graph, quantizer, tensor, product.InputAt(3), product.InputAt(4), product.InputAt(5), null),
            "QGemm" => QGemm(graph, product, tensor),
            _ => null,
        };
    }

    /// <summary>Inputs as of QLinearMatMul, then a bias in steps of both scales multiplied.</summary>
    public static LinearLayer? QGemm(OnnxGraph graph, NodeProto node, string tensor)
    {
        if (node.Int("transA") != 0 || Quantizer(graph, node.InputAt(0)) is not { } quantizer)
        {
            return null;
        }

        var isOutIn = node.Int("transB") != 0;
        var scale = ConstantTensor.Find(graph, node.InputAt(4));
        var weight = Dequantization.Of(
            ConstantTensor.Find(graph, node.InputAt(3)), scale, ZeroPoint(graph, node.InputAt(5)), isOutIn ? 0 : 1);
        ConstantTensor? bias = null;
        if (node.InputAt(6).Length > 0)
        {
            if (ConstantTensor.Find(graph, node.InputAt(6)) is not { } integers || scale is null
                || !ConstantTensor.TryReadScalar(graph, node.InputAt(1), out var inputScale))
            {
                return null;
            }

            bias = Dequantization.Of(
                integers, scale with { Values = () => [.. scale.Values().Select(s => s * inputScale)] }, Dequantization.NoZeroPoint, -1);
            if (bias is null)
            {
                return null;
            }
        }

        return LinearLayer.Create(quantizer.InputAt(0), tensor, weight, isOutIn, node.Number("alpha", 1), bias);
    }

    private static LinearLayer? Make(
        OnnxGraph graph, NodeProto quantizer, string tensor, string weight, string scale, string zeroPoint, string? bias)
    {
        var constantBias = string.IsNullOrEmpty(bias) ? null : ConstantTensor.Find(graph, bias);
        return constantBias is null && !string.IsNullOrEmpty(bias)
            ? null
            : LinearLayer.Create(
                quantizer.InputAt(0),
                tensor,
                Dequantization.Of(ConstantTensor.Find(graph, weight), ConstantTensor.Find(graph, scale), ZeroPoint(graph, zeroPoint), 1),
                false,
                1,
                constantBias);
    }

    private static ConstantTensor? ZeroPoint(OnnxGraph graph, string tensor) =>
        tensor.Length == 0 ? Dequantization.NoZeroPoint : ConstantTensor.Find(graph, tensor);

    /// <summary>The node that makes integers of floats.</summary>
    private static NodeProto? Quantizer(OnnxGraph graph, string tensor) =>
        graph.ProducerOf(tensor) is { OpType: "DynamicQuantizeLinear" or "QuantizeLinear" } node && node.Output[0] == tensor ? node : null;

    private static bool IsScale(OnnxGraph graph, NodeProto quantizer, string tensor) => quantizer.OpType == "DynamicQuantizeLinear"
        ? quantizer.Output.Count > 1 && quantizer.Output[1] == tensor
        : quantizer.InputAt(1) == tensor && graph.ProducerOf(tensor) is null;
}
