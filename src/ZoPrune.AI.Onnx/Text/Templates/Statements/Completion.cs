namespace ZoPrune.AI.Onnx.Text.Templates;

/// <summary>How a statement ended.</summary>
internal enum Completion
{
    /// <summary>Go on with the next one.</summary>
    Normal,

    /// <summary>Leave the loop.</summary>
    Break,

    /// <summary>Go on with the loop's next iteration.</summary>
    Continue,
}
