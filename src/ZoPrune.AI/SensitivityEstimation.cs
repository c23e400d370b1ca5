namespace ZoPrune.AI;

/// <summary>
/// How the sensitivity of visual tokens is found: how strongly a row of the projected embeddings reacts to a small change of its projector
/// input.
/// </summary>
public enum SensitivityEstimation
{
    /// <summary>The closed form where the projector's weights can be read, else zeroth order.</summary>
    Auto,

    /// <summary>
    /// The Frobenius norm of the projector's Jacobian: without randomness, one matrix product an image. For wide projectors, on
    /// processors with AVX-VNNI, most of the product is computed in eight bits, which ranks them all but alike (benchmarks/results/end-to-end.md).
    /// </summary>
    ClosedForm,

    /// <summary>Finite differences along random directions, as published (ZOO-Prune, arXiv 2509.24837).</summary>
    ZerothOrder,

    /// <summary>As <see cref="ClosedForm"/>, but in float32 on every machine.</summary>
    ExactClosedForm,
}
