namespace ZoPrune.AI.Onnx.Language;

/// <summary>The tokens of one run of the decoder.</summary>
/// <param name="Ids">Their ids.</param>
/// <param name="Positions">Their positions, axis by axis.</param>
/// <param name="Axes">How many axes <paramref name="Positions"/> has.</param>
/// <param name="PastLength">Tokens that are in the cache.</param>
internal readonly record struct DecoderStep(ReadOnlyMemory<int> Ids, ReadOnlyMemory<long> Positions, int Axes, int PastLength)
{
    /// <summary>Which of them are masked; <c>null</c> if none are.</summary>
    public bool[]? Masked { get; init; }
}
