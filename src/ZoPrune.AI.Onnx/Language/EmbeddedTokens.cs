using Microsoft.ML.OnnxRuntime;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>What the embedding graph gives for the tokens of one run.</summary>
/// <param name="Embeddings">[1, tokens, width], in the decoder's float type.</param>
/// <param name="PerLayerInputs">Gemma's further embeddings, one a layer; <c>null</c> for other models.</param>
internal sealed record EmbeddedTokens(OrtValue Embeddings, OrtValue? PerLayerInputs) : IDisposable
{
    public bool Owns(OrtValue value) => ReferenceEquals(value, Embeddings) || ReferenceEquals(value, PerLayerInputs);

    public void Dispose()
    {
        Embeddings.Dispose();
        PerLayerInputs?.Dispose();
    }
}
