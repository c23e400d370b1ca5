namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>Nodes between two layers that leave the numbers as they are, but for rounding.</summary>
internal static class Passage
{
    /// <summary>More of these in a row than any exporter writes.</summary>
    private const int MaxNodes = 16;

    /// <summary>The tensor behind casts, identities and quantisation that is undone at once.</summary>
    public static string Source(OnnxGraph graph, string tensor)
    {
        for (var i = 0; i < MaxNodes; i++)
        {
            var unquantized = Unquantized(graph, tensor);
            if (unquantized != tensor)
            {
                tensor = unquantized;
            }
            else if (graph.ProducerOf(tensor) is { OpType: "Cast" or "Identity", Input.Count: 1 } node)
            {
                tensor = node.Input[0];
            }
            else
            {
                break;
            }
        }

        return tensor;
    }

    /// <summary>
    /// The tensor that is quantised and de-quantised at once (in the QDQ format every operand is); the tensor itself if it is not.
    /// </summary>
    public static string Unquantized(OnnxGraph graph, string tensor) =>
        graph.ProducerOf(tensor) is { OpType: "DequantizeLinear" } dequantize
        && graph.ProducerOf(dequantize.InputAt(0)) is { OpType: "QuantizeLinear" } quantize
            ? quantize.InputAt(0)
            : tensor;
}
