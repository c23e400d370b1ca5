using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// One token after another where the decoder writes the cache in place: everything is bound to the session by name once, so that a token
/// costs a few hundred managed bytes, whatever the layers.
/// </summary>
internal sealed class InPlaceStep : TokenStep
{
    private readonly LanguagePlan _plan;
    private readonly GraphSession _decoder;
    private readonly OrtIoBinding _binding;
    private readonly OrtValue _logitsValue;
    private readonly bool _readsLogits;
    private int _cacheVersion = -1;

    private InPlaceStep(LanguagePlan plan, TokenEmbedding embedding, GraphSession decoder, OrtIoBinding binding)
        : base(plan, embedding, binding.BindInput)
    {
        _plan = plan;
        _decoder = decoder;
        _binding = binding;
        Logits = GC.AllocateUninitializedArray<float>((int)plan.Vocabulary, pinned: true);
        _readsLogits = plan.Logits.ElementType != TensorElementType.Float;
        long[] shape = [1, 1, plan.Vocabulary];
        try
        {
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

    /// <inheritdoc/>
    public override float[] Logits { get; }

    /// <summary>Makes one; the embedding belongs to it.</summary>
    public static InPlaceStep Create(LanguagePlan plan, TokenEmbedding embedding, GraphSession decoder)
    {
        var binding = decoder.CreateBinding();
        try
        {
            return new InPlaceStep(plan, embedding, decoder, binding);
        }
        catch
        {
            binding.Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        _binding.Dispose();
        _logitsValue?.Dispose();
        base.Dispose();
    }

    private protected override void RunDecoder(KeyValueCache cache, CancellationToken cancellationToken)
    {
        if (_cacheVersion != cache.Version)
        {
            for (var i = 0; i < cache.Values.Count; i++)
            {
                _binding.BindInput(_plan.Layout.Layers[i].Past, cache.Values[i]);
                _binding.BindOutput(_plan.Layout.Layers[i].Present, cache.Values[i]);
            }

            _cacheVersion = cache.Version;
        }

        _decoder.Run(_binding, Options, cancellationToken);
        if (_readsLogits)
        {
            Floats.Read(_logitsValue, _plan.Logits.ElementType, 0, Logits);
        }
    }
}
