namespace ZoPrune.AI.Onnx.Vision;

/// <summary>Which inner tensors of the vision graph come back with its output.</summary>
[Flags]
internal enum VisionTaps
{
    /// <summary>None: the output alone.</summary>
    None = 0,

    /// <summary>The projector input <c>V</c>, for finite differences.</summary>
    ProjectorInput = 1,

    /// <summary>The pre-activation <c>W1 v + b1</c>, for the closed form.</summary>
    PreActivation = 2,
}
