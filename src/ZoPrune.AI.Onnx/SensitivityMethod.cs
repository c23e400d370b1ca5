namespace ZoPrune.AI.Onnx;

/// <summary>How the sensitivity of visual tokens at the projector is measured.</summary>
public enum SensitivityMethod
{
    /// <summary>
    /// From the projector's weights: the norm of its Jacobian at each token. Without randomness, one product per image, in eight bits
    /// where that is faster (<see cref="Pruning.ClosedFormArithmetic.Auto"/>).
    /// </summary>
    ClosedForm,

    /// <summary>By finite differences along random directions (arXiv 2509.24837): needs only that the projector can be run.</summary>
    ZerothOrder,

    /// <summary>As <see cref="ClosedForm"/>, in float32 on every machine.</summary>
    ExactClosedForm,
}
