namespace ZoPrune.AI.Onnx.Language;

/// <summary>What a prompt wants of a parked sequence.</summary>
/// <param name="Model">The language model that goes on with it.</param>
/// <param name="Prompt">The prompt.</param>
/// <param name="Least">The fewest tokens that are of use.</param>
/// <param name="Most">The most that are wanted: at least the last must be computed, for its logits.</param>
/// <param name="Capacity">Tokens that the state should have room for.</param>
internal sealed record SequenceRequest(ILanguageModel Model, List<SequenceToken> Prompt, int Least, int Most, int Capacity)
{
    /// <summary>Whether a state will do; <c>null</c>: any.</summary>
    public Func<SequenceState, bool>? Accepts { get; init; }
}
