using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.Onnx.Sampling;

namespace ZoPrune.AI.Onnx;

/// <summary>What a language model is told of the answer before it reads the prompt.</summary>
public sealed record PrefillOptions
{
    /// <summary>
    /// How many tokens are going to be generated at most: sizes the KV cache. A <see cref="LanguageModelBackend"/> may allow no more.
    /// </summary>
    public required int MaxNewTokens { get; init; }

    /// <summary>
    /// Where to look for a sequence that begins like the prompt, and where this one goes when it is disposed of; <c>null</c> (the default):
    /// nowhere.
    /// </summary>
    public SequencePool? Pool { get; init; }

    /// <summary>
    /// How the tokens of <see cref="Decoding.Next"/> are going to be chosen, for language models that can do that themselves, where the
    /// logits are; changes that the caller makes to <see cref="Decoding.Logits"/> do not reach them. <c>null</c> (the default): by the
    /// caller's sampler, as they must be if a constraint has a say.
    /// </summary>
    public SamplingOptions? Sampling { get; init; }

    /// <summary>The pool, if a prompt can go on with a parked sequence of a model.</summary>
    /// <remarks>Graphs count tokens that are not masked to tell how long the past is: a past with masked ones is not to be had.</remarks>
    internal SequencePool? PoolFor(ILanguageModel model, EncodedPrompt prompt) =>
        prompt.Masked is null && Pool is { MaxBytes: > 0 } && model.NoPrefixReuseReason is null ? Pool : null;
}
