namespace ZoPrune.AI.Onnx;

/// <summary>
/// Which files of a transformers.js folder are opened where it holds several precisions of a graph side by side: <c>fp32</c>,
/// <c>fp16</c>, <c>q8</c> (or <c>quantized</c>), <c>int8</c>, <c>uint8</c>, <c>q4</c>, <c>q4f16</c>, <c>bnb4</c>, or any other suffix that
/// stands
/// behind the underscore of a file name. <see langword="null"/>: what <c>transformers.js_config.dtype</c> of <c>config.json</c> says, else
/// the full precision where it is there,
/// else the best kind for a CPU that is. Folders of ONNX Runtime GenAI name their graphs themselves and refuse this.
/// </summary>
/// <param name="Vision">The variant of <c>vision_encoder</c>.</param>
/// <param name="Embedding">The variant of <c>embed_tokens</c>.</param>
/// <param name="Decoder">The variant of <c>decoder_model_merged</c>.</param>
public sealed record GraphVariants(string? Vision = null, string? Embedding = null, string? Decoder = null)
{
    /// <summary>The same variant of every graph.</summary>
    /// <param name="variant">The variant.</param>
    public static GraphVariants All(string variant) => new(variant, variant, variant);
}
