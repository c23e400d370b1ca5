using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// Runs the language model over one token after another of one sequence whose cache is written in place. What a run takes and gives is
/// allocated once and bound to the sessions by name once, so that a token costs a few hundred managed bytes, whatever the layers.
/// </summary>
internal sealed class TokenStep : IDisposable
{
    private readonly LanguagePlan _plan;
    private readonly GraphSession _decoder;
    private readonly OrtIoBinding _binding;
    private readonly TokenEmbedding _embedding;
    private readonly DecoderStepInputs _inputs;
    private readonly OrtValue _logitsValue;
    private readonly bool _readsLogits;
    private int _cacheVersion = -1;

    public TokenStep(LanguagePlan plan, GraphSession embedding, GraphSession decoder)
    {
        _plan = plan;
        _decoder = decoder;
        _embedding = new TokenEmbedding(embedding, plan.Embedding);
        try
        {
            _binding = decoder.CreateBinding();
            _inputs = plan.Inputs.CreateStep(_binding, _embedding, plan.Head);
            Logits = GC.AllocateUninitializedArray<float>((int)plan.Vocabulary, pinned: true);
            _readsLogits = plan.Logits.ElementType != TensorElementType.Float;
            long[] shape = [1, 1, plan.Vocabulary];
            _logitsValue = _readsLogits
                ? OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, plan.Logits.ElementType, shape)
                : OrtValue.CreateTensorValueWithData(
                    OrtMemoryInfo.DefaultInstance,
                    TensorElementType.Float,
                    shape,
                    Marshal.UnsafeAddrOfPinnedArrayElement(Logits, 0),
                    Logits.LongLength * sizeof(float));
            _binding.BindOutput(plan.Logits.Name, _logitsValue);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The logits of the last run's token [vocabulary].</summary>
    public float[] Logits { get; }

    /// <summary>Whether the model's graphs can be run like that.</summary>
    public static bool IsPossible(LanguagePlan plan) =>
        plan.Layout.InPlace && plan.Logits.Rank == 3 && TokenEmbedding.IsPossible(plan.Embedding);

    /// <summary>Runs over a token.</summary>
    /// <param name="id">The token.</param>
    /// <param name="position">Its position, on each axis.</param>
    /// <param name="pastLength">Tokens that are in the cache.</param>
    /// <param name="cache">The cache, with room for one more.</param>
    /// <param name="cancellationToken">Also ends a run in the middle; the cache cannot be used afterwards.</param>
    public void Run(int id, long position, int pastLength, KeyValueCache cache, CancellationToken cancellationToken)
    {
        _embedding.Run(id, cancellationToken);
        _inputs.Set(id, position, pastLength);
        if (_cacheVersion != cache.Version)
        {
            for (var i = 0; i < cache.Values.Count; i++)
            {
                _binding.BindInput(_plan.Layout.Layers[i].Past, cache.Values[i]);
                _binding.BindOutput(_plan.Layout.Layers[i].Present, cache.Values[i]);
            }

            _cacheVersion = cache.Version;
        }

        _decoder.Run(_binding, cancellationToken);
        if (_readsLogits)
        {
            Floats.Read(_logitsValue, 0, Logits);
        }
    }

    public void Dispose()
    {
        _binding?.Dispose();
        _inputs?.Dispose();
        _logitsValue?.Dispose();
        _embedding.Dispose();
    }
}
