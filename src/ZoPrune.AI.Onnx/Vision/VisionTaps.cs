namespace ZoPrune.AI.Onnx.Vision;

/// <summary>Which inner tensors of the vision graph come back with its output.</summary>
[Flags]
internal enum VisionTaps
{
    /// <summary>None: the output alone.</summary>
    None = 0,

    /// <summary>The projector input <c>V</c>, for finite differences.</summary>
    ProjectorInput = 1,

    /// <summary>
    /// What the closed form is computed from: the pre-activation <c>W1 v + b1</c>, or what enters the normalisation before a projector of
    /// one
    /// affine map.
    /// </summary>
    ClosedForm = 2,
}
