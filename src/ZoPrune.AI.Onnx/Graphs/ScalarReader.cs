using Microsoft.ML.OnnxRuntime.Tensors;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>Reads constants of one value, from a weight or from a Constant node.</summary>
internal static class ScalarReader
{
    public static bool TryRead(OnnxGraph graph, string tensor, out float value)
    {
        value = 0;
        var initializer = graph.Initializer(tensor);
        if (initializer is null)
        {
            if (graph.ProducerOf(tensor) is not { OpType: "Constant" } node)
            {
                return false;
            }

            if (node.Attribute.FirstOrDefault(a => a.Name == "value_float") is { HasF: true } number)
            {
                value = number.F;
                return true;
            }

            if (node.Attribute.FirstOrDefault(a => a.Name == "value")?.T is not { } constant)
            {
                return false;
            }

            initializer = new GraphInitializer(constant, -1, 0);
        }

        if (initializer.Count != 1 || initializer.ElementType
            is not (TensorElementType.Float or TensorElementType.Float16 or TensorElementType.BFloat16 or TensorElementType.Double))
        {
            return false;
        }

        value = TensorData.ReadFloats(graph, initializer)[0];
        return true;
    }
}
