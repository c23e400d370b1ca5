namespace ZoPrune.AI.SyntheticVlm.Kinds;

/// <summary>Where queries and keys are turned, and by which positions.</summary>
internal enum RotaryPlacement
{
    /// <summary>In <c>GroupQueryAttention</c>, by the place in the sequence: the decoder takes no positions.</summary>
    InsideAttention,

    /// <summary>In <c>RotaryEmbedding</c>, by <c>position_ids</c> [batch, sequence].</summary>
    Positions,

    /// <summary>In <c>MRotaryEmbedding</c>, by <c>position_ids</c> [3, batch, sequence]: time, row, column.</summary>
    Multimodal,
}
