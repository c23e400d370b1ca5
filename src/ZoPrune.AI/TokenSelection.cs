namespace ZoPrune.AI;

/// <summary>The rule that selects the visual tokens that stay.</summary>
public enum TokenSelection
{
    /// <summary>
    /// Sensitivity times distance to what is already selected, with sensitivities in proportion (<c>S / max S</c>): SADS that weighs a
    /// token by how
    /// much more it reacts, not by where it lies between the least and the most sensitive one. The default; its figures are in the README.
    /// </summary>
    SadsProportional,

    /// <summary>
    /// Sensitivity-aware diversity selection, as published (ZOO-Prune, arXiv 2509.24837): sensitivity times distance to what is already
    /// selected.
    /// </summary>
    Sads,

    /// <summary>Greedy max-min cosine distance (DivPrune): diversity alone.</summary>
    DivPrune,

    /// <summary>The most sensitive tokens, whatever they share.</summary>
    TopSensitivity,

    /// <summary>Tokens drawn at random with <see cref="ZoPruneOptions.Seed"/>: a baseline.</summary>
    Random,

    /// <summary>Tokens evenly spread over the image: a baseline.</summary>
    UniformGrid,
}
