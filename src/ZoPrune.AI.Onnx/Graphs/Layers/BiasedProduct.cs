using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>A matrix product and the node that adds a bias to it. Some exporters write the bias first, some second.</summary>
internal static class BiasedProduct
{
    /// <summary>Recognises <c>product + bias</c>.</summary>
    public static LinearLayer? Add(OnnxGraph graph, NodeProto node, string tensor)
    {
        for (var i = 0; i < 2; i++)
        {
            if (ConstantTensor.Find(graph, node.InputAt(i)) is { } bias
                && LinearRecognizers.FindProduct(graph, Passage.Source(graph, node.InputAt(1 - i))) is { Bias: null } product
                && IsBias(bias, product.OutputWidth))
            {
                return product with { Output = tensor, Bias = bias };
            }
        }

        return null;
    }

    /// <summary>Whether a constant has one value for each output, or one for all of them.</summary>
    public static bool IsBias(ConstantTensor bias, int width) =>
        bias.Count == 1 || (bias.Count == width && bias.Shape.Count > 0 && bias.Shape[^1] == width);
}
