namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>Which positions a decoder takes.</summary>
public enum PositionKind
{
    /// <summary>None: it counts by itself, so pruned tokens cannot keep their positions.</summary>
    None,

    /// <summary>One number a token.</summary>
    OneAxis,

    /// <summary>Time, height and width (mRoPE): visual tokens are numbered by their place in the picture.</summary>
    ThreeAxes,
}
