using ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>An elementwise activation between two affine maps, whichever nodes an exporter wrote it with.</summary>
/// <param name="Input">The pre-activation.</param>
/// <param name="Activation">Which function it is.</param>
/// <param name="Before">The affine map that produces the pre-activation.</param>
internal sealed record ActivationChain(string Input, ProjectorActivation Activation, LinearLayer Before)
{
    /// <summary>The longest known form (tanh-GELU written out) has nine nodes.</summary>
    private const int MaxNodes = 16;

    /// <summary>Factor of the sigmoid in quick-GELU: x · sigmoid(1.702 x).</summary>
    private const float QuickGeluFactor = 1.702f;

    /// <summary>Walks back from a tensor over elementwise nodes until one affine map feeds them all.</summary>
    public static ActivationChain? Find(OnnxGraph graph, string tensor)
    {
        var nodes = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var constants = new List<float>();
        LinearLayer? before = null;
        var open = new Stack<string>([tensor]);
        while (open.TryPop(out var current))
        {
            if (LinearLayer.Find(graph, current) is { } linear)
            {
                if (before is not null && before.Output != linear.Output)
                {
                    return null;
                }

                before = linear;
                continue;
            }

            var node = graph.ProducerOf(current);
            if (node is null || !IsElementwise(node) || nodes.Count > MaxNodes)
            {
                return null;
            }

            if (!nodes.Add(node))
            {
                continue;
            }

            foreach (var input in node.Input)
            {
                if (!graph.IsConstant(input))
                {
                    open.Push(input);
                }
                else if (ScalarReader.TryRead(graph, input, out var value))
                {
                    constants.Add(value);
                }
                else
                {
                    return null;
                }
            }
        }

        return before is not null && Classify(nodes, constants) is { } activation
            ? new ActivationChain(before.Output, activation, before)
            : null;
    }

    private static bool IsElementwise(NodeProto node) => node.OpType is "Add" or "Mul" or "Div" or "Sub" or "Pow" or "Erf" or "Tanh" or "Sigmoid"
        or "Relu" or "Gelu" or "FastGelu" or "QuickGelu" or "Swish" or "Identity" or "Sqrt";

    private static ProjectorActivation? Classify(HashSet<NodeProto> nodes, List<float> constants)
    {
        var kinds = nodes.Select(n => n.OpType).Where(o => o is not ("Add" or "Mul" or "Div" or "Sub" or "Pow" or "Identity" or "Sqrt")).Distinct().ToArray();
        if (kinds.Length != 1)
        {
            return null;
        }

        var node = nodes.First(n => n.OpType == kinds[0]);
        var alone = nodes.All(n => n.OpType == kinds[0] || n.OpType == "Identity");
        return kinds[0] switch
        {
            "Relu" when alone => ProjectorActivation.Relu,
            "FastGelu" when alone && node.Input.Count == 1 => ProjectorActivation.GeluTanh,
            "Gelu" when alone => node.Text("approximate") == "tanh" ? ProjectorActivation.GeluTanh : ProjectorActivation.Gelu,
            "QuickGelu" when alone => node.Number("alpha", QuickGeluFactor) switch
            {
                1 => ProjectorActivation.Silu,
                var alpha when Near(alpha, QuickGeluFactor) => ProjectorActivation.QuickGelu,
                _ => null,
            },
            "Swish" when alone && node.Number("alpha", 1) == 1 => ProjectorActivation.Silu,
            "Erf" when Has(constants, 1f) && Has(constants, 0.5f) && (Has(constants, MathF.Sqrt(2)) || Has(constants, 1 / MathF.Sqrt(2))) =>
                ProjectorActivation.Gelu,
            "Tanh" when Has(constants, 0.044715f) && Has(constants, MathF.Sqrt(2 / MathF.PI)) => ProjectorActivation.GeluTanh,
            "Sigmoid" when constants.Count == 0 && nodes.Count == 2 => ProjectorActivation.Silu,
            "Sigmoid" when constants.Count == 1 && Near(constants[0], QuickGeluFactor) && nodes.Count == 3 => ProjectorActivation.QuickGelu,
            _ => null,
        };
    }

    private static bool Has(List<float> constants, float value) => constants.Exists(c => Near(c, value));

    // Exporters store these constants in float16 or float32.
    private static bool Near(float a, float b) => MathF.Abs(a - b) <= 1e-3f * MathF.Abs(b);
}
