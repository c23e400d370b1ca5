using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Folders;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// One token after another where the decoder returns the cache, one token longer. A tensor of another shape is another object of ONNX
/// Runtime, so a token costs about a hundred managed bytes for each tensor of the cache. They are given in arrays: to bind them by name
/// would cost more, a copy of the name each time.
/// </summary>
internal sealed class ReturnedCacheStep : TokenStep
{
    private readonly GraphSession _decoder;
    private readonly string[] _inputNames;
    private readonly string[] _outputNames;
    private readonly OrtValue[] _inputs;
    private readonly int _firstPast;
    private readonly TensorElementType _logitsType;
    private float[] _logits;

    /// <param name="plan">What the graphs take and give.</param>
    /// <param name="embedding">Embeds tokens; belongs to this object from then on.</param>
    /// <param name="decoder">The decoder.</param>
    public ReturnedCacheStep(LanguagePlan plan, TokenEmbedding embedding, GraphSession decoder)
        : this(plan, embedding, decoder, plan.DecoderInputNames, new OrtValue[plan.DecoderInputNames.Length])
    {
    }

    private ReturnedCacheStep(LanguagePlan plan, TokenEmbedding embedding, GraphSession decoder, string[] inputNames, OrtValue[] inputs)
        : base(plan, embedding, (name, value) => inputs[Array.IndexOf(inputNames, name)] = value)
    {
        _decoder = decoder;
        _inputNames = inputNames;
        _inputs = inputs;
        _outputNames = plan.DecoderOutputNames;
        _firstPast = inputs.Length - plan.Layout.Layers.Count;
        _logitsType = plan.Logits.ElementType;
        _logits = new float[plan.Vocabulary];
    }

    /// <inheritdoc/>
    public override float[] Logits => _logits;

    private protected override void RunDecoder(KeyValueCache cache, CancellationToken cancellationToken)
    {
        for (var i = _firstPast; i < _inputs.Length; i++)
        {
            _inputs[i] = cache.Values[i - _firstPast];
        }

        // The collection owns nothing but its values, and those go to the cache.
        var results = _decoder.Run(_inputNames, _inputs, _outputNames, cancellationToken, Options);
        using var logits = results[0];
        cache.TakeOver(results);

        var vocabulary = logits.GetTensorMutableRawData().Length / Floats.SizeOf(_logitsType);
        if (_logits.Length != vocabulary)
        {
            _logits = new float[vocabulary];
        }

        Floats.Read(logits, _logitsType, 0, _logits);
    }
}
