using System.Diagnostics.CodeAnalysis;

namespace ZoPrune.AI.Onnx.Images;

/// <summary>The element type of an <see cref="ImageTensor"/>.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "These are names of tensor element types.")]
public enum ImageTensorType
{
    /// <summary>Unsigned 8-bit integers: pixels before they are rescaled.</summary>
    UInt8,

    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>Signed 64-bit integers: sizes, grids, counts.</summary>
    Int64,

    /// <summary>Truth values: masks.</summary>
    Bool,
}
