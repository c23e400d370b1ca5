namespace ZoPrune.AI;

/// <summary>The rule that selects the visual tokens that stay.</summary>
public enum TokenSelection
{
    /// <summary>Sensitivity-aware diversity selection, as published (ZOO-Prune, arXiv 2509.24837): sensitivity times distance to what is already selected.</summary>
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
