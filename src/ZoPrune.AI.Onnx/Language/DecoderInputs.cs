using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>
/// The decoder's inputs beside the KV cache, as its graph declares them: only <c>inputs_embeds</c> is always there (genai-model-folder
/// specification 2.3,
/// hf-onnx-vlm-folder specification 0.4).
/// </summary>
internal sealed class DecoderInputs
{
    private const int MostAxes = 3;

    private readonly GraphValue? _mask;
    private readonly GraphValue? _positions;
    private readonly GraphValue? _ids;
    private readonly GraphValue? _perLayer;
    private readonly GraphValue? _logitsToKeep;
    private readonly GraphValue? _useCache;

    private DecoderInputs(ModelFolder folder, OnnxGraph decoder)
    {
        Embeddings = decoder.Input(folder.Decoder.Input("inputs_embeds"));
        if (!Floats.IsFloat(Embeddings.ElementType))
        {
            throw new ModelFolderException(decoder.File, $"the input {Embeddings} should be of a float type.");
        }

        _mask = Integer("attention_mask");
        _positions = Integer("position_ids");
        _ids = Integer("input_ids");
        _logitsToKeep = Integer("num_logits_to_keep");
        _perLayer = decoder.FindInput(folder.Decoder.Input("per_layer_inputs"));
        _useCache = decoder.FindInput("use_cache_branch");
        if (_positions is { Rank: not (null or 2 or MostAxes) })
        {
            throw new NotSupportedException($"{decoder.File}: the input {_positions} should have rank 2 or 3.");
        }

        Names = [Embeddings.Name, .. new[] { _mask, _positions, _ids, _perLayer, _logitsToKeep, _useCache }.OfType<GraphValue>().Select(v => v.Name)];

        GraphValue? Integer(string nominal) =>
            decoder.FindInput(folder.Decoder.Input(nominal)) is { } value ? DecoderInputs.Integer(decoder, value) : null;
    }

    /// <summary>The embeddings of tokens.</summary>
    public GraphValue Embeddings { get; }

    /// <summary>How many positions a token has; 0 if the graph takes none.</summary>
    public int PositionAxes => _positions is null ? 0 : _positions.Rank == MostAxes ? MostAxes : 1;

    /// <summary>Whether the graph takes Gemma's embeddings for each layer.</summary>
    public bool TakesPerLayerInputs => _perLayer is not null;

    /// <summary>Whether the graph is told to give the logits of the last token alone.</summary>
    public bool AsksForLastRow => _logitsToKeep is not null;

    /// <summary>The names, in the order of <see cref="Create"/>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Reads the inputs of a decoder.</summary>
    /// <exception cref="NotSupportedException">It has one that nobody knows.</exception>
    public static DecoderInputs Read(ModelFolder folder, OnnxGraph decoder, KeyValueLayout layout)
    {
        var inputs = new DecoderInputs(folder, decoder);
        var known = inputs.Names.Concat(layout.Layers.Select(l => l.Past)).ToHashSet(StringComparer.Ordinal);
        return decoder.Inputs.FirstOrDefault(i => !known.Contains(i.Name)) is { } unknown
            ? throw new NotSupportedException($"{decoder.File}: the graph has the input {unknown}, which a {folder.Type} folder is not known to have.")
            : inputs;
    }

    /// <summary>An input of integers.</summary>
    public static GraphValue Integer(OnnxGraph graph, GraphValue value) =>
        value.ElementType is TensorElementType.Int64 or TensorElementType.Int32
            ? value
            : throw new ModelFolderException(graph.File, $"the input {value} should be int32 or int64.");

    /// <summary>The values of one step.</summary>
    public List<OrtValue> Create(DecoderStep step, EmbeddedTokens embedded)
    {
        var values = new List<OrtValue> { embedded.Embeddings };
        if (_mask is not null)
        {
            var ones = new int[step.PastLength + step.Ids.Length];
            Array.Fill(ones, 1);
            for (var i = 0; i < (step.Masked?.Length ?? 0); i++)
            {
                ones[step.PastLength + i] = step.Masked![i] ? 0 : 1;
            }

            values.Add(LanguageModel.Integers<int>(_mask, ones, [1, ones.Length]));
        }

        if (_positions is not null)
        {
            values.Add(CreatePositions(_positions, step));
        }

        if (_ids is not null)
        {
            values.Add(LanguageModel.Integers(_ids, step.Ids.Span, [1, step.Ids.Length]));
        }

        if (_perLayer is not null)
        {
            values.Add(embedded.PerLayerInputs!);
        }

        if (_logitsToKeep is not null)
        {
            values.Add(LanguageModel.Integers<int>(_logitsToKeep, [1], _logitsToKeep.Rank == 0 ? [] : [1]));
        }

        if (_useCache is not null)
        {
            values.Add(OrtValue.CreateTensorValueFromMemory(new[] { step.PastLength > 0 }, [1]));
        }

        return values;
    }

    /// <summary>Binds the inputs of runs over one token each.</summary>
    /// <param name="bind">Sets an input, from then on.</param>
    /// <param name="embedding">What embeds the token.</param>
    /// <param name="head">The head whose rows are chosen, if it is one.</param>
    public DecoderStepInputs CreateStep(Action<string, OrtValue> bind, TokenEmbedding embedding, OutputHead? head)
    {
        var inputs = new DecoderStepInputs(bind);
        try
        {
            bind(Embeddings.Name, embedding.Embeddings);
            if (_mask is not null)
            {
                inputs.BindMask(_mask);
            }

            if (_positions is not null)
            {
                inputs.BindPosition(_positions, PositionAxes);
            }

            if (_ids is not null)
            {
                inputs.BindId(_ids);
            }

            if (_perLayer is not null)
            {
                bind(_perLayer.Name, embedding.PerLayerInputs!);
            }

            if (_logitsToKeep is not null)
            {
                inputs.BindConstant(_logitsToKeep.Name, _logitsToKeep.ElementType, 1, _logitsToKeep.Rank == 0 ? [] : [1]);
            }

            if (_useCache is not null)
            {
                bool[] isBehindOthers = [true];
                inputs.BindValue(_useCache.Name, OrtValue.CreateTensorValueFromMemory(isBehindOthers, [1]));
            }

            if (head is not null)
            {
                inputs.BindConstant(OutputHead.RowsInput, TensorElementType.Int64, 0, [1]);
            }

            return inputs;
        }
        catch
        {
            inputs.Dispose();
            throw;
        }
    }

    private OrtValue CreatePositions(GraphValue input, DecoderStep step)
    {
        var length = step.Ids.Length;
        if (PositionAxes != MostAxes)
        {
            return LanguageModel.Integers(input, step.Positions.Span[..length], [1, length]);
        }

        var positions = new long[MostAxes * length];
        for (var axis = 0; axis < MostAxes; axis++)
        {
            step.Positions.Span.Slice(step.Axes == MostAxes ? axis * length : 0, length).CopyTo(positions.AsSpan(axis * length));
        }

        return LanguageModel.Integers<long>(input, positions, [MostAxes, 1, length]);
    }
}
