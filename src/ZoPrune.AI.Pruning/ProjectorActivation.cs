namespace ZoPrune.AI.Pruning;

/// <summary>The elementwise function between a projector's two affine maps.</summary>
public enum ProjectorActivation
{
    /// <summary><c>x</c>: the projector is linear, and all tokens are equally sensitive.</summary>
    Identity,

    /// <summary><c>max(x, 0)</c>; its derivative at 0 is taken as 0.</summary>
    Relu,

    /// <summary><c>x Φ(x)</c> with the exact normal distribution (erf).</summary>
    Gelu,

    /// <summary><c>x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))</c>.</summary>
    GeluTanh,

    /// <summary><c>x σ(1.702 x)</c>.</summary>
    QuickGelu,

    /// <summary><c>x σ(x)</c>, also called Swish.</summary>
    Silu,
}
