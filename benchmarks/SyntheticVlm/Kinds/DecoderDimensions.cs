namespace ZoPrune.AI.SyntheticVlm.Kinds;

/// <summary>The widths of a decoder.</summary>
/// <param name="Width">The text width, a multiple of 32.</param>
/// <param name="Layers">How many layers.</param>
/// <param name="Heads">Heads of queries.</param>
/// <param name="KeyValueHeads">Heads of keys and values.</param>
/// <param name="HeadSize">The width of a head, a power of two.</param>
/// <param name="Inner">The width within the feed-forward layer, a multiple of 32.</param>
internal sealed record DecoderDimensions(int Width, int Layers, int Heads, int KeyValueHeads, int HeadSize, int Inner);
