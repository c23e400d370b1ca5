namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>What the elementwise nodes between two tensors compute of one number.</summary>
/// <param name="graph">The graph.</param>
/// <param name="output">The tensor that the nodes produce.</param>
/// <param name="input">The tensor that they start from.</param>
/// <param name="constants">The numbers that they take from the file.</param>
internal sealed class ScalarFunction(OnnxGraph graph, string output, string input, IReadOnlyDictionary<string, double> constants)
{
    /// <summary>Its value; NaN where the nodes form a cycle.</summary>
    public double At(double x) => Evaluate(output, new Dictionary<string, double>(StringComparer.Ordinal) { [input] = x });

    private double Evaluate(string tensor, Dictionary<string, double> known)
    {
        if (known.TryGetValue(tensor, out var value) || constants.TryGetValue(tensor, out value))
        {
            return value;
        }

        known[tensor] = double.NaN;
        var node = graph.ProducerOf(tensor)!;
        return known[tensor] = ScalarFunctions.Apply(
            node, [.. node.Input.Take(ScalarFunctions.Operands(node)).Select(operand => Evaluate(operand, known))]);
    }
}
