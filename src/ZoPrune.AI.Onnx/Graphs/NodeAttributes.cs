using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>Reads attributes of nodes by name.</summary>
internal static class NodeAttributes
{
    public static long Int(this NodeProto node, string name) => Find(node, name)?.I ?? 0;

    public static float Number(this NodeProto node, string name, float fallback) =>
        Find(node, name) is { HasF: true } attribute ? attribute.F : fallback;

    public static string? Text(this NodeProto node, string name) => Find(node, name)?.S?.ToStringUtf8();

    private static AttributeProto? Find(NodeProto node, string name) => node.Attribute.FirstOrDefault(a => a.Name == name);
}
