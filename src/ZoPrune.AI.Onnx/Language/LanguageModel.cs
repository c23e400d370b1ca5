using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>The embedding graph and the decoder graph with their sessions; holds nothing of any one sequence.</summary>
internal sealed class LanguageModel : IDisposable
{
    private readonly ModelFolder _folder;
    private readonly GraphSession _embedding;
    private readonly GraphSession _decoder;
    private readonly GraphValue _ids;
    private readonly GraphValue _features;
    private readonly GraphValue? _mask;
    private readonly GraphValue? _positions;
    private readonly string _embeds;
    private readonly string[] _decoderInputs;
    private readonly string[] _decoderOutputs;
    private readonly KeyValueLayout _layout;
    private readonly bool _lastRowOnly;

    public LanguageModel(ModelFolder folder, GraphSessionFactory sessions, OnnxGraph embedding, OnnxGraph decoder, int placeholderId)
    {
        _folder = folder;
        PlaceholderId = placeholderId;
        _ids = Integer(embedding, embedding.Input(folder.Embedding.Input("input_ids")));
        _features = embedding.Input(folder.Embedding.Input("image_features"));
        _embeds = embedding.Output(folder.Embedding.Output("inputs_embeds")).Name;
        var embeds = decoder.Input(folder.Decoder.Input("inputs_embeds"));
        _mask = decoder.FindInput(folder.Decoder.Input("attention_mask")) is { } mask ? Integer(decoder, mask) : null;
        _positions = decoder.FindInput(folder.Decoder.Input("position_ids")) is { } positions ? Integer(decoder, positions) : null;
        var logits = decoder.Output(folder.Decoder.Output("logits"));
        foreach (var (graph, value) in new[] { (embedding, _features), (decoder, embeds), (decoder, logits) })
        {
            if (value.ElementType != TensorElementType.Float)
            {
                throw new NotSupportedException($"{graph.File}: {value} is not float32; this is not supported yet.");
            }
        }

        if (_features.Rank is not (2 or 3))
        {
            throw new ModelFolderException(embedding.File, $"the input {_features} should have rank 2 or 3.");
        }

        if (_positions is { Rank: not 2 })
        {
            throw new NotSupportedException($"{decoder.File}: the input {_positions} has no rank of 2; positions of several axes are not supported yet.");
        }

        Width = (int?)_features.Dimensions![^1] ?? folder.Decoder.HiddenSize
            ?? throw new ModelFolderException(folder.ConfigFile, "model.decoder.hidden_size is missing, and the embedding graph leaves it open.");
        _lastRowOnly = logits is { Rank: 3 } && logits.Dimensions![1] == 1;
        Vocabulary = (logits is { Rank: 3 } ? logits.Dimensions![2] : null) ?? folder.VocabSize
            ?? throw new ModelFolderException(folder.ConfigFile, "model.vocab_size is missing, and the decoder graph leaves it open.");
        CheckSizes(folder, decoder, logits, Vocabulary);
        _layout = KeyValueLayout.Read(folder, decoder);
        _decoderInputs = [embeds.Name, .. Optional(_mask), .. Optional(_positions), .. _layout.Layers.Select(l => l.Past)];
        _decoderOutputs = [logits.Name, .. _layout.Layers.Select(l => l.Present)];
        foreach (var input in decoder.Inputs)
        {
            if (!_decoderInputs.Contains(input.Name))
            {
                throw new NotSupportedException($"{decoder.File}: the graph has the input {input}, which a {folder.Type} folder is not known to have.");
            }
        }

        _embedding = sessions.Open(folder.Embedding);
        try
        {
            _decoder = sessions.Open(folder.Decoder);
        }
        catch
        {
            _embedding.Dispose();
            throw;
        }
    }

    /// <summary>Whether the decoder takes positions, so that pruned tokens can keep theirs.</summary>
    public bool TakesPositions => _positions is not null;

    /// <summary>The token that stands for a visual token in a prompt.</summary>
    public int PlaceholderId { get; }

    /// <summary>How many tokens there are to choose from.</summary>
    public long Vocabulary { get; }

    /// <summary>The width of an embedding.</summary>
    public int Width { get; }

    public int MaxLength => _folder.Search.MaxLength;

    public KeyValueCache CreateCache(int capacity) => new(_layout, capacity);

    /// <summary>Embeds ids and runs the decoder over them.</summary>
    /// <param name="ids">The new tokens.</param>
    /// <param name="positions">Their positions.</param>
    /// <param name="features">Kept rows [rows, width] for the placeholders among the ids.</param>
    /// <param name="pastLength">Tokens that are in the cache.</param>
    /// <param name="cache">The cache of the sequence.</param>
    /// <param name="logits">The logits of the last token that is not padding [vocabulary]; resized by the first call.</param>
    /// <param name="cancellationToken">Also ends a run in the middle; the cache cannot be used afterwards.</param>
    public void Run(
        ReadOnlySpan<int> ids,
        ReadOnlySpan<long> positions,
        ReadOnlyMemory<float> features,
        int pastLength,
        KeyValueCache cache,
        ref float[] logits,
        CancellationToken cancellationToken)
    {
        using var embeds = Embed(ids, features, cancellationToken);
        using var mask = _mask is null ? null : Ones(_mask, pastLength + ids.Length);
        using var position = _positions is null ? null : Integers(_positions, positions);
        OrtValue[] inputs = [embeds, .. Optional(mask), .. Optional(position), .. cache.Values];
        if (!cache.InPlace)
        {
            var results = _decoder.Run(_decoderInputs, inputs, _decoderOutputs, cancellationToken);
            using var rows = results[0];
            for (var i = 1; i < results.Count; i++)
            {
                cache.Replace(i - 1, results[i]);
            }

            ReadLogits(rows, ids, ref logits);
            return;
        }

        using var output = AllocateLogits(ids.Length);
        _decoder.Run(_decoderInputs, inputs, _decoderOutputs, [output, .. cache.Values], cancellationToken);
        ReadLogits(output, ids, ref logits);
    }

    public void Dispose()
    {
        _embedding.Dispose();
        _decoder.Dispose();
    }

    private static void CheckSizes(ModelFolder folder, OnnxGraph decoder, GraphValue logits, long vocabulary)
    {
        if (folder.VocabSize is { } configured && configured != vocabulary)
        {
            throw new ModelFolderException(
                folder.ConfigFile, $"model.vocab_size is {configured}, but {Path.GetFileName(decoder.File)} has the output {logits}.");
        }

        foreach (var id in folder.EosTokenIds)
        {
            if (id < 0 || id >= vocabulary)
            {
                throw new ModelFolderException(folder.ConfigFile, $"model.eos_token_id {id} lies outside the vocabulary of {vocabulary} tokens.");
            }
        }
    }

    private OrtValue Embed(ReadOnlySpan<int> ids, ReadOnlyMemory<float> features, CancellationToken cancellationToken)
    {
        var rows = features.Length / Width;
        using var idValue = Integers(_ids, ids);
        using var featureValue = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance,
            MemoryMarshal.AsMemory(features),
            _features.Rank == 3 ? [rows == 0 ? 0 : 1, rows, Width] : [rows, Width]);

        // The collection owns nothing but its values, and its only one goes to the caller.
        return _embedding.Run([_ids.Name, _features.Name], [idValue, featureValue], [_embeds], cancellationToken)[0];
    }

    private OrtValue AllocateLogits(int tokens) => OrtValue.CreateAllocatedTensorValue(
        OrtAllocator.DefaultInstance, TensorElementType.Float, [1, _lastRowOnly ? 1 : tokens, Vocabulary]);

    private void ReadLogits(OrtValue value, ReadOnlySpan<int> ids, ref float[] logits)
    {
        var all = value.GetTensorDataAsSpan<float>();
        var rows = (int)value.GetTensorTypeAndShape().Shape[1];
        var vocabulary = all.Length / rows;
        if (logits.Length != vocabulary)
        {
            logits = new float[vocabulary];
        }

        all.Slice((rows == 1 ? 0 : LastToken(ids)) * vocabulary, vocabulary).CopyTo(logits);
    }

    /// <summary>The last token that is not padding, as GenAI reads logits (specification 2.7).</summary>
    private int LastToken(ReadOnlySpan<int> ids) => Math.Max(0, ids.LastIndexOfAnyExcept(_folder.PadTokenId));

    private static GraphValue Integer(OnnxGraph graph, GraphValue value) =>
        value.ElementType is TensorElementType.Int64 or TensorElementType.Int32
            ? value
            : throw new ModelFolderException(graph.File, $"the input {value} should be int32 or int64.");

    private static OrtValue Ones(GraphValue value, int length) =>
        value.ElementType == TensorElementType.Int64 ? Ones<long>(length) : Ones<int>(length);

    private static OrtValue Ones<T>(int length)
        where T : unmanaged, INumber<T>
    {
        var ones = new T[length];
        Array.Fill(ones, T.One);
        return OrtValue.CreateTensorValueFromMemory(ones, [1, length]);
    }

    private static OrtValue Integers<T>(GraphValue value, ReadOnlySpan<T> numbers)
        where T : INumber<T> =>
        value.ElementType == TensorElementType.Int64 ? Convert<T, long>(numbers) : Convert<T, int>(numbers);

    private static OrtValue Convert<TFrom, TTo>(ReadOnlySpan<TFrom> numbers)
        where TFrom : INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        var converted = new TTo[numbers.Length];
        TensorPrimitives.ConvertChecked(numbers, converted);
        return OrtValue.CreateTensorValueFromMemory(converted, [1, converted.Length]);
    }

    private static T[] Optional<T>(T? value)
        where T : class => value is null ? [] : [value];

    private static string[] Optional(GraphValue? value) => value is null ? [] : [value.Name];
}
