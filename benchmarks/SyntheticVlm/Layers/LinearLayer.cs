using ZoPrune.AI.SyntheticVlm.Graphs;
using ZoPrune.AI.SyntheticVlm.Kinds;
using ZoPrune.AI.SyntheticVlm.Weights;

namespace ZoPrune.AI.SyntheticVlm.Layers;

/// <summary>Matrix products: <c>MatMul</c>, or <c>MatMulNBits</c> as GenAI's model builder writes it for CPUs.</summary>
/// <param name="graph">Where they go.</param>
/// <param name="precision">How the matrices are stored.</param>
internal sealed class LinearLayer(GraphWriter graph, WeightPrecision precision)
{
    /// <summary>Deviation of biases: small beside the products, which are of order one.</summary>
    private const double BiasDeviation = 0.1;

    /// <summary>Products with 8-bit activations.</summary>
    private const int AccuracyLevel = 4;

    /// <summary>Adds x · W, and + b.</summary>
    /// <param name="name">The name of the layer.</param>
    /// <param name="x">Its input, [..., inputs].</param>
    /// <param name="inputs">Its width.</param>
    /// <param name="outputs">The width of the result.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    /// <param name="gain">What an input of deviation one is multiplied by, in the mean.</param>
    /// <param name="silent">How many of the first outputs are always zero.</param>
    /// <param name="output">The name of the result; by default made from the name of the layer.</param>
    /// <returns>The result, [..., outputs].</returns>
    public string Apply(
        string name, string x, int inputs, int outputs, bool hasBias = false, double gain = 1, int silent = 0, string? output = null)
    {
        var deviation = gain / Math.Sqrt(inputs);
        var product = $"/{name}/MatMul";
        var result = hasBias ? product : output ?? product;
        if (precision == WeightPrecision.Int4)
        {
            var (values, scales) = graph.QuantizedWeights($"{name}.MatMul.weight", outputs, inputs, deviation, silent);
            graph.Node(
                "MatMulNBits", product, [x, values, scales], [result],
                NodeAttribute.Of("K", inputs), NodeAttribute.Of("N", outputs), NodeAttribute.Of("accuracy_level", AccuracyLevel),
                NodeAttribute.Of("bits", 4), NodeAttribute.Of("block_size", BlockQuantizer.BlockSize));
        }
        else
        {
            var matrix = graph.Weights($"{name}.MatMul.weight", [inputs, outputs], deviation, silent: silent);
            graph.Node("MatMul", product, [x, matrix], [result]);
        }

        if (hasBias)
        {
            var sum = $"/{name}/Add";
            result = output ?? sum;
            graph.Node("Add", sum, [product, graph.Weights($"{name}.Add.bias", [outputs], BiasDeviation)], [result]);
        }

        return result;
    }
}
