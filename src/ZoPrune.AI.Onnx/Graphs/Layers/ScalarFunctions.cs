using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>Elementwise operators as functions of numbers, to find out which function several of them make together.</summary>
internal static class ScalarFunctions
{
    /// <summary>Factor of the sigmoid in quick-GELU: x · sigmoid(1.702 x).</summary>
    public const double QuickGeluFactor = 1.702;

    /// <summary>With how many operands they take; 0 for any number.</summary>
    private static readonly Dictionary<string, (int Operands, Func<NodeProto, double[], double> Function)> s_functions =
        new(StringComparer.Ordinal)
    {
        ["Add"] = (2, static (_, x) => x[0] + x[1]),
        ["Sub"] = (2, static (_, x) => x[0] - x[1]),
        ["Mul"] = (2, static (_, x) => x[0] * x[1]),
        ["Div"] = (2, static (_, x) => x[0] / x[1]),
        ["Pow"] = (2, static (_, x) => Math.Pow(x[0], x[1])),
        ["Max"] = (0, static (_, x) => x.Max()),
        ["Min"] = (0, static (_, x) => x.Min()),
        ["Neg"] = (1, static (_, x) => -x[0]),
        ["Sqrt"] = (1, static (_, x) => Math.Sqrt(x[0])),
        ["Reciprocal"] = (1, static (_, x) => 1 / x[0]),
        ["Exp"] = (1, static (_, x) => Math.Exp(x[0])),
        ["Erf"] = (1, static (_, x) => Erf(x[0])),
        ["Tanh"] = (1, static (_, x) => Math.Tanh(x[0])),
        ["Sigmoid"] = (1, static (_, x) => Sigmoid(x[0])),
        ["Relu"] = (1, static (_, x) => Math.Max(x[0], 0)),
        ["Gelu"] = (1, static (node, x) => node.Text("approximate") == "tanh" ? GeluTanh(x[0]) : Gelu(x[0])),
        ["FastGelu"] = (1, static (_, x) => GeluTanh(x[0])),
        ["BiasGelu"] = (1, static (_, x) => Gelu(x[0])),
        ["QuickGelu"] = (1, static (node, x) => x[0] * Sigmoid(node.Number("alpha", (float)QuickGeluFactor) * x[0])),
        ["Swish"] = (1, static (node, x) => x[0] * Sigmoid(node.Number("alpha", 1) * x[0])),
    };

    // Nodes that only move or convert numbers; what else they take says where to.
    private static readonly HashSet<string> s_copies = new(StringComparer.Ordinal)
    {
        "Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "QuantizeLinear", "DequantizeLinear", "Dropout",
    };

    /// <summary>
    /// How many inputs of a node are operands; 0 if the node is not elementwise. BiasGelu and FastGelu add their second input first; it
    /// is not counted.
    /// </summary>
    public static int Operands(NodeProto node)
    {
        var operands = s_copies.Contains(node.OpType) ? 1
            : !s_functions.TryGetValue(node.OpType, out var known) ? 0
            : known.Operands > 0 ? known.Operands
            : node.Input.Count;
        return operands <= node.Input.Count ? operands : 0;
    }

    /// <summary>Whether a node's second input, where it has one, is a bias for the first.</summary>
    public static bool HasBias(NodeProto node) => node.OpType is "BiasGelu" or "FastGelu";

    /// <summary>What a node makes of its operands.</summary>
    public static double Apply(NodeProto node, double[] operands) =>
        s_functions.TryGetValue(node.OpType, out var known) ? known.Function(node, operands) : operands[0];

    public static double Gelu(double x) => 0.5 * x * (1 + Erf(x / Math.Sqrt(2)));

    public static double GeluTanh(double x) => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x))));

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>.NET has no erf. Abramowitz and Stegun 7.1.26, good to 1.5e-7: enough to tell functions apart.</summary>
    private static double Erf(double x)
    {
        var t = 1 / (1 + (0.3275911 * Math.Abs(x)));
        var series = ((((((((1.061405429 * t) - 1.453152027) * t) + 1.421413741) * t) - 0.284496736) * t) + 0.254829592) * t;
        return Math.CopySign(1 - (series * Math.Exp(-x * x)), x);
    }
}
