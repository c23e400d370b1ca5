namespace ZoPrune.AI.SyntheticVlm.Graphs;

/// <summary>The element types that the graphs use, by their numbers in the ONNX format.</summary>
internal enum ElementType
{
    Float32 = 1,
    UInt8 = 2,
    Int32 = 6,
    Int64 = 7,
}
