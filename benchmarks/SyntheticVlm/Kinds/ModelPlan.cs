namespace ZoPrune.AI.SyntheticVlm.Kinds;

/// <summary>What is written: the bytes of a folder are a function of this and of nothing else.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Size">The size.</param>
/// <param name="Precision">The precision of the decoder's matrices.</param>
/// <param name="Seed">The seed of all weights.</param>
internal sealed record ModelPlan(ModelKind Kind, ModelSize Size, WeightPrecision Precision, ulong Seed)
{
    /// <summary>Rows of the token embedding and of the output head.</summary>
    public int Vocabulary => Size.Vocabulary;

    /// <summary>
    /// Tokens that are never written, from id 0: control tokens, which would end answers at random, and single bytes, which would break
    /// their UTF-8.
    /// </summary>
    public int SilentTokens => Kind.SpecialTokens.Count + 256;
}
