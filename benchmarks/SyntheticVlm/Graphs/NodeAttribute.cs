using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.SyntheticVlm.Graphs;

/// <summary>Attributes of nodes.</summary>
internal static class NodeAttribute
{
    private const int FloatType = 1;
    private const int IntType = 2;
    private const int IntsType = 7;

    public static AttributeProto Of(string name, float value) => new() { Name = name, F = value, Type = FloatType };

    public static AttributeProto Of(string name, long value) => new() { Name = name, I = value, Type = IntType };

    public static AttributeProto Of(string name, ReadOnlySpan<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = IntsType };
        attribute.Ints.AddRange(values.ToArray());
        return attribute;
    }
}
