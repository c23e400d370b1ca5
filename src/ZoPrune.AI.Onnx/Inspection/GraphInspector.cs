using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>Describes one graph of a folder.</summary>
internal static class GraphInspector
{
    private const string StandardDomain = "ai.onnx";

    /// <summary>Bodies in bodies: more levels than any exporter writes, and few enough for the stack.</summary>
    private const int MostBodies = 64;

    /// <summary>Operators of ONNX Runtime that have kernels for graphics cards only.</summary>
    private static readonly HashSet<string> s_notForCpu = new(StringComparer.Ordinal)
    {
        "BiasAdd", "BiasSplitGelu", "GatedRelativePositionBias", "GemmFloat8", "GroupNorm", "NhwcConv", "PackedAttention", "PackedMultiHeadAttention",
        "PagedAttention", "RemovePadding", "RestorePadding", "SkipGroupNorm", "TransposeMatMulFloat8",
    };

    /// <summary>What the section alone says.</summary>
    public static GraphInspection Describe(GraphSection section)
    {
        return new GraphInspection
        {
            Role = section.Name,
            File = section.File,
            Bytes = File.Exists(section.File) ? FileLength.Of(section.File) : null,
            Variants = section.Variants,
        };
    }

    /// <summary>Adds what the graph says.</summary>
    public static GraphInspection Describe(GraphInspection section, OnnxGraph graph)
    {
        var nodes = Nodes(graph.Model.Graph, 0).ToArray();
        return section with
        {
            Precision = WeightPrecision.Of(graph, nodes),
            Opset = graph.Model.OpsetImport.Where(o => o.Domain is "" or StandardDomain).Select(o => (long?)o.Version).Max(),
            Nodes = graph.Nodes.Count,
            Inputs = [.. graph.Inputs.Select(ToTensor)],
            Outputs = [.. graph.Outputs.Select(ToTensor)],
            ForeignOperators = [.. Foreign(graph, nodes).Select(n => $"{n.Domain}:{n.OpType}").Distinct().Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>The size of the graph's external data, in bytes.</summary>
    public static long ExternalBytes(OnnxGraph graph) => graph.Initializers.Where(w => w.IsExternal)
        .Select(w => ExternalData.Of(graph.File, w.Tensor).File)
        .Distinct(StringComparer.Ordinal)
        .Sum(FileLength.Of);

    /// <summary>What the graph asks for that ONNX Runtime's CPU package may not have.</summary>
    public static IEnumerable<string> Doubts(OnnxGraph graph)
    {
        foreach (var name in Foreign(graph, [.. Nodes(graph.Model.Graph, 0)]).Select(n => (n.Domain, n.OpType)).Distinct().Order())
        {
            if (name.Domain == "com.microsoft" && s_notForCpu.Contains(name.OpType))
            {
                yield return $"the operator {name.Domain}:{name.OpType} runs on graphics cards only; add an execution provider in ConfigureSession.";
            }
            else if (!name.Domain.StartsWith("com.microsoft", StringComparison.Ordinal) && !name.Domain.StartsWith("ai.onnx", StringComparison.Ordinal))
            {
                yield return $"the operator {name.Domain}:{name.OpType} is not part of ONNX Runtime; register its library in ConfigureSession.";
            }
        }
    }

    private static IEnumerable<NodeProto> Foreign(OnnxGraph graph, IReadOnlyList<NodeProto> nodes)
    {
        var functions = graph.Model.Functions.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        return nodes.Where(n => n.Domain is not ("" or StandardDomain) && !functions.Contains(n.OpType));
    }

    private static IEnumerable<NodeProto> Nodes(GraphProto graph, int depth) => depth > MostBodies
        ? []
        : graph.Node.Concat(graph.Node
            .SelectMany(n => n.Bodies())
            .SelectMany(body => Nodes(body, depth + 1)));

    private static GraphTensor ToTensor(GraphValue value) => new(value.Name, WeightPrecision.NameOf(value.ElementType), value.Dimensions);
}
