using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Folders;
using ZoPrune.AI.Onnx.Graphs;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>The embedding graph and the decoder graph with their sessions; holds nothing of any one sequence.</summary>
internal sealed class LanguageModel : ILanguageModel
{
    private readonly LanguagePlan _plan;
    private readonly EmbeddingStage _embedding;
    private readonly GraphSession _decoder;
    private readonly KeyValueLayout _layout;
    private readonly int[] _trialIds;
    private readonly Lock _trial = new();
    private readonly bool _isOnCpu;
    private StrongBox<string?>? _noPrefixReuse;

    /// <param name="plan">What the graphs take and give.</param>
    /// <param name="sessions">Opens them.</param>
    /// <param name="trialIds">Ordinary tokens, to find out with what the decoder can do.</param>
    public LanguageModel(LanguagePlan plan, GraphSessionFactory sessions, int[] trialIds)
    {
        _plan = plan;
        _trialIds = trialIds;
        _embedding = new EmbeddingStage(plan.Embedding, sessions, plan.PlaceholderId);
        try
        {
            _decoder = plan.Head is null
                ? sessions.Open(plan.Folder.Decoder, ThreadUse.InRow)
                : sessions.Open(plan.Folder.Decoder, ThreadUse.InRow, GraphSurgeon.ChooseRows(plan.Decoder, plan.Head));
        }
        catch
        {
            _embedding.Dispose();
            throw;
        }

        // Folders of GenAI say that their decoders write in place, wherever they run. Of others, only the CPU's operator is known to.
        var isDecoderOnCpu = _decoder.IsOnCpu();
        _layout = isDecoderOnCpu || plan.Folder.Layout == ModelFolderLayout.GenAI ? plan.Layout : plan.Layout.ToReturned();
        _isOnCpu = isDecoderOnCpu && _embedding.Session.IsOnCpu();
    }

    /// <summary>What answers of this library's own sessions say that they come from.</summary>
    public const string OwnName = "OnnxRuntime";

    /// <inheritdoc/>
    public string Name => OwnName;

    /// <inheritdoc/>
    public string Description => OwnName;

    /// <summary>How many tokens there are to choose from.</summary>
    public long Vocabulary => _plan.Vocabulary;

    /// <summary>The width of an embedding.</summary>
    public int Width => _embedding.Width;

    public int MaxLength => _plan.Folder.Search.MaxLength;

    /// <summary>
    /// Why the decoder cannot go on with the cache of another sequence's beginning and give what it gives for the whole prompt; <c>null</c>
    /// if it can. The first look runs the decoder over a few tokens.
    /// </summary>
    public string? NoPrefixReuseReason
    {
        get
        {
            // A trial that was stopped (no memory, the model disposed of) says nothing: the next look tries again.
            lock (_trial)
            {
                return (_noPrefixReuse ??= new StrongBox<string?>(PrefixReuse.FindObstacle(this, _plan, _trialIds))).Value;
            }
        }
    }

    /// <summary>What a decoder that changes its tables with the length does at a length.</summary>
    /// <param name="length">Tokens of the sequence.</param>
    /// <param name="nextPosition">The position behind its last token.</param>
    public int RegimeOf(int length, long nextPosition) => _plan.Branches.RegimeOf(length, nextPosition);

    /// <summary>The most tokens of a prompt that need not be computed: the token whose logits are read must be.</summary>
    public int LongestPrefix(ReadOnlySpan<int> ids) => _plan.ReadRow(ids);

    /// <summary>Throws for what cannot be a token of an answer.</summary>
    public void RequireToken(int tokenId) => _plan.RequireToken(tokenId);

    public KeyValueCache CreateCache(int capacity) => new(_layout, capacity);

    /// <summary>Embeds ids and runs the decoder over them.</summary>
    /// <param name="step">The new tokens.</param>
    /// <param name="features">Kept rows [rows, width] for the placeholders among the ids.</param>
    /// <param name="cache">The cache of the sequence.</param>
    /// <param name="logits">The logits of the last token that is not padding [vocabulary]; resized by the first call.</param>
    /// <param name="cancellationToken">Also ends a run in the middle; the cache cannot be used afterwards.</param>
    public void Run(DecoderStep step, ReadOnlyMemory<float> features, KeyValueCache cache, ref float[] logits, CancellationToken cancellationToken)
    {
        RequireRoomForLogits(step.Ids.Length);
        using var embedded = _embedding.Run(step.Ids.Span, features, cancellationToken);
        var inputs = _plan.Inputs.Create(step, embedded);
        try
        {
            if (_plan.Head is not null)
            {
                // Twice, if there are more: kernels for one row add up in another order than those for several.
                long row = _plan.ReadRow(step.Ids.Span);
                long[] rows = step.Ids.Length > 1 ? [row, row] : [row];
                inputs.Add(OrtValue.CreateTensorValueFromMemory(rows, [rows.Length]));
            }

            OrtValue[] all = [.. inputs, .. cache.Values];
            if (!cache.InPlace)
            {
                var results = _decoder.Run(_plan.DecoderInputNames, all, _plan.DecoderOutputNames, cancellationToken);
                using var rows = results[0];
                cache.TakeOver(results);
                ReadLogits(rows, step.Ids.Span, ref logits);
                return;
            }

            using var output = AllocateLogits(step.Ids.Length);
            _decoder.Run(_plan.DecoderInputNames, all, _plan.DecoderOutputNames, [output, .. cache.Values], cancellationToken);
            ReadLogits(output, step.Ids.Span, ref logits);
        }
        finally
        {
            // The embeddings belong to the stage that made them.
            foreach (var input in inputs.Where(i => !embedded.Owns(i)))
            {
                input.Dispose();
            }
        }
    }

    /// <summary>
    /// Runs over one token after another of a sequence without making everything anew for each; <c>null</c> if the graphs do not allow it.
    /// </summary>
    public TokenStep? CreateStep() => _isOnCpu ? TokenStep.Create(_plan, _embedding, _decoder) : null;

    /// <inheritdoc/>
    public Decoding Prefill(
        EncodedPrompt prompt, IReadOnlyList<ImageSelection> images, PrefillOptions options, CancellationToken cancellationToken) =>
        GraphDecoding.Prefill(this, prompt, images, options, cancellationToken);

    public void Dispose()
    {
        _embedding.Dispose();
        _decoder.Dispose();
    }

    /// <summary>A tensor of ids, positions or ones in the integer type that a graph asks for.</summary>
    internal static OrtValue Integers<T>(GraphValue value, ReadOnlySpan<T> numbers, long[] shape)
        where T : INumber<T> =>
        value.ElementType == TensorElementType.Int64 ? Convert<T, long>(numbers, shape) : Convert<T, int>(numbers, shape);

    private static OrtValue Convert<TFrom, TTo>(ReadOnlySpan<TFrom> numbers, long[] shape)
        where TFrom : INumber<TFrom>
        where TTo : unmanaged, INumber<TTo>
    {
        var converted = new TTo[numbers.Length];
        TensorPrimitives.ConvertChecked(numbers, converted);
        return OrtValue.CreateTensorValueFromMemory(converted, shape);
    }

    /// <summary>Graphs that give the logits of every token make more numbers of a long prompt than one tensor can be read of.</summary>
    private void RequireRoomForLogits(int tokens)
    {
        if (!_plan.GivesOneRow && _plan.Head is null && tokens * Vocabulary > Array.MaxLength)
        {
            throw new NotSupportedException(
                $"{_plan.Folder.Decoder.File}: the graph gives the logits of every token; {tokens} tokens times {Vocabulary} logits are more than can be read. "
                + "Keep fewer visual tokens, or use a graph with num_logits_to_keep or one row of logits.");
        }
    }

    private OrtValue AllocateLogits(int tokens)
    {
        var rows = _plan.GivesOneRow ? 1 : _plan.Head is null ? tokens : Math.Min(tokens, 2);
        return OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, _plan.Logits.ElementType, [1, rows, Vocabulary]);
    }

    private void ReadLogits(OrtValue value, ReadOnlySpan<int> ids, ref float[] logits)
    {
        var shape = value.GetTensorTypeAndShape().Shape;
        var vocabulary = (int)shape[^1];
        if (logits.Length != vocabulary)
        {
            logits = new float[vocabulary];
        }

        var row = shape.Length < 2 || shape[^2] == 1 || _plan.Head is not null ? 0 : _plan.ReadRow(ids);
        Floats.Read(value, row * vocabulary, logits);
    }
}
