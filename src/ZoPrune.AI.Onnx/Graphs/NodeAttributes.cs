using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>Reads attributes of nodes by name, and inputs and outputs that may be left out.</summary>
internal static class NodeAttributes
{
    public static long Int(this NodeProto node, string name, long fallback = 0) =>
        Find(node, name) is { HasI: true } attribute ? attribute.I : fallback;

    public static float Number(this NodeProto node, string name, float fallback) =>
        Find(node, name) is { HasF: true } attribute ? attribute.F : fallback;

    public static string? Text(this NodeProto node, string name) => Find(node, name)?.S?.ToStringUtf8();

    public static IReadOnlyList<long> Ints(this NodeProto node, string name) => Find(node, name)?.Ints.ToArray() ?? [];

    public static GraphProto? Graph(this NodeProto node, string name) => Find(node, name)?.G;

    /// <summary>The name of an input; empty if the node leaves it out.</summary>
    public static string InputAt(this NodeProto node, int index) => index < node.Input.Count ? node.Input[index] : "";

    /// <summary>The name of an output; empty if the node leaves it out.</summary>
    public static string OutputAt(this NodeProto node, int index) => index < node.Output.Count ? node.Output[index] : "";

    /// <summary>The bodies of a loop or a branch.</summary>
    public static IEnumerable<GraphProto> Bodies(this NodeProto node) =>
        node.Attribute.SelectMany(a => a.G is null ? a.Graphs : a.Graphs.Prepend(a.G));

    private static AttributeProto? Find(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);
}
