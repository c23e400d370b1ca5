namespace ZoPrune.AI.Onnx.Inspection;

/// <summary>The tokenizer of a model folder.</summary>
/// <param name="Kind">Its kind: <c>byte-level BPE</c>, <c>SentencePiece BPE</c> or <c>Unigram</c>.</param>
/// <param name="Size">One more than its largest id.</param>
/// <param name="AddedTokens">How many added tokens it has.</param>
public sealed record TokenizerInspection(string Kind, int Size, int AddedTokens);
