namespace ZoPrune.AI;

/// <summary>How the sensitivity of visual tokens is found: how strongly a row of the projected embeddings reacts to a small change of its projector input.</summary>
public enum SensitivityEstimation
{
    /// <summary>The closed form where the projector's weights can be read, else zeroth order.</summary>
    Auto,

    /// <summary>The Frobenius norm of the projector's Jacobian: exact, without randomness, one matrix product an image.</summary>
    ClosedForm,

    /// <summary>Finite differences along random directions, as published (ZOO-Prune, arXiv 2509.24837).</summary>
    ZerothOrder,
}
