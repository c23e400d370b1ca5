namespace ZoPrune.AI.Onnx.Language;

/// <summary>One past/present tensor of the KV cache, as the decoder graph names it.</summary>
/// <param name="Past">The name of the input.</param>
/// <param name="Present">The name of the output.</param>
/// <param name="Heads">Key/value heads.</param>
/// <param name="HeadSize">Numbers a head.</param>
/// <param name="FixedCapacity">Rows that the layer needs, for sliding-window layers and for graphs with a static length; otherwise <c>null</c>.</param>
internal sealed record KeyValueLayer(string Past, string Present, int Heads, int HeadSize, int? FixedCapacity);
