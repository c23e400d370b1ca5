using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.SyntheticVlm.Graphs;

/// <summary>A dimension of an input or output: a number, or a name for what is known at run time only.</summary>
internal readonly record struct Dimension(long Value, string? Name)
{
    public static implicit operator Dimension(int value) => new(value, null);

    public static implicit operator Dimension(string name) => new(0, name);

    public DimensionProto ToProto() => Name is null ? new DimensionProto { DimValue = Value } : new DimensionProto { DimParam = Name };
}
