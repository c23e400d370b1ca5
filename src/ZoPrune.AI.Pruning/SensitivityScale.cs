namespace ZoPrune.AI.Pruning;

/// <summary>What SADS multiplies distances with.</summary>
public enum SensitivityScale
{
    /// <summary>
    /// <c>(S − min) / (max − min)</c>, as published. The least sensitive token gets 0 and the most sensitive 1, however little they differ:
    /// where sensitivities spread by some per cent only, a weak signal outweighs diversity.
    /// </summary>
    MinMax,

    /// <summary>
    /// <c>S / max S</c>: a token that is 5 % less sensitive counts 5 % less. A wide spread steers as in the published rule, a narrow one
    /// leaves the choice to diversity, and none at all is diversity alone, without a special case.
    /// </summary>
    Proportional,
}
