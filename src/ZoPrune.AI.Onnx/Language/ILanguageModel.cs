namespace ZoPrune.AI.Onnx.Language;

/// <summary>What generates from a prompt whose visual tokens are rows in the caller's hands.</summary>
internal interface ILanguageModel : IDisposable
{
    /// <summary>What answers say it is: <c>OnnxRuntime</c>, <c>OnnxRuntimeGenAI</c>.</summary>
    string Name { get; }

    /// <summary>The name, with the device where it is known.</summary>
    string Description { get; }

    /// <summary>Why no sequence is ever continued by another; <c>null</c> if that happens. The first look runs the decoder.</summary>
    /// <exception cref="ObjectDisposedException">The model is disposed of.</exception>
    string? NoPrefixReuseReason { get; }

    /// <summary>Runs the decoder over a prompt that fits the selections and the length of the model.</summary>
    Decoding Prefill(
        EncodedPrompt prompt, IReadOnlyList<ImageSelection> images, PrefillOptions options, CancellationToken cancellationToken);
}
