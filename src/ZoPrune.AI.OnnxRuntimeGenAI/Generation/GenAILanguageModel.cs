using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.OnnxRuntimeGenAI.Native;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Generation;

/// <summary>A folder that GenAI has open, with a graph in place of its vision graph that passes our rows through.</summary>
internal sealed class GenAILanguageModel : ILanguageModel
{
    /// <summary>
    /// Conversations go on: a generator that may be continued has room for as much again, at least for so many tokens. Where past and present
    /// share a buffer GenAI allocates all of it at once.
    /// </summary>
    private const int LeastRoom = 1024;

    private readonly LanguagePlan _plan;
    private readonly GenAIModel _model;
    private readonly bool _hasGrid;
    private readonly int _mergeSize;
    private readonly int[] _trialIds;
    private readonly Lock _trial = new();
    private ContinuationTrial? _continuation;

    public GenAILanguageModel(ModelParts parts, GenAIModel model)
    {
        _plan = parts.Language;
        _model = model;
        _hasGrid = parts.Family.Positions.IsMultiAxis;
        _mergeSize = parts.Folder.Config.Section("vision").Int("spatial_merge_size") ?? 2;
        _trialIds = PrefixReuse.ChooseIds(parts.Language, parts.Tokenizer);
    }

    /// <inheritdoc/>
    public string Name => OnnxRuntimeGenAIBackend.BackendName;

    /// <inheritdoc/>
    public string Description => $"{Name} on {_model.DeviceType}";

    /// <summary>How many tokens there are to choose from.</summary>
    public int Vocabulary => (int)_plan.Vocabulary;

    /// <inheritdoc/>
    public string? NoPrefixReuseReason => Continuation.Obstacle;

    private ContinuationTrial Continuation
    {
        get
        {
            lock (_trial)
            {
                return _continuation ??= ContinuationTrial.Run(this, _plan, _trialIds);
            }
        }
    }

    /// <inheritdoc/>
    public Decoding Prefill(
        EncodedPrompt prompt, IReadOnlyList<ImageSelection> images, PrefillOptions options, CancellationToken cancellationToken)
    {
        var search = GenAISearch.Of(options.Sampling);
        var pool = options.PoolFor(this, prompt);
        var ids = prompt.InputIds.ToArray();
        List<SequenceToken> tokens = pool is null ? [] : SequenceToken.Of(prompt, images, RegimeOf(prompt.Length, prompt.NextPosition));
        var needed = (int)Math.Min((long)prompt.Length + options.MaxNewTokens, Limit);
        cancellationToken.ThrowIfCancellationRequested();
        var (state, cached) = (pool is null ? null : Take(pool, tokens, prompt, ids, needed)) ?? (CreateState(search, RoomFor(needed, pool)), 0);
        try
        {
            if (cached > 0)
            {
                state.Generator.AppendTokens(ids.AsSpan(cached));
                state.Length = ids.Length;
            }
            else
            {
                Begin(state, ids, images);
                state.LeastLength = _hasGrid ? EndOfImages(prompt) : 0;
                state.FeatureBytes = (long)prompt.VisualTokensKept * _plan.Embedding.Width * Floats.SizeOf(_plan.Embedding.Features!.ElementType);
            }

            var choosing = cached == 0 || (search.IsRepeatable && search == state.Search) ? search.Sampling : null;
            return new GenAIDecoding(this, prompt, state, cached, choosing, pool, tokens);
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    public void Dispose() => _model.Dispose();

    /// <summary>Whether a token ends an answer.</summary>
    internal bool IsEnd(int tokenId) => _plan.Folder.EosTokenIds.Contains(tokenId);

    /// <summary>Whether a generator can go back within a sequence of a length.</summary>
    internal bool CanRewind(int length) =>
        Continuation.CanRewind
        && _plan.Layout.Layers.All(l => !l.IsState && (l.FixedCapacity is not { } capacity || length <= Math.Min(capacity, Window)));

    internal int RegimeOf(int length, long nextPosition) => _plan.Branches.RegimeOf(length, nextPosition);

    internal void RequireToken(int tokenId) => _plan.RequireToken(tokenId);

    /// <summary>What the KV cache of a generator takes, by the sizes that GenAI gives it (genai-model-folder specification 2.6).</summary>
    internal long BytesOf(int length, int maxLength)
    {
        var rows = _plan.Folder.Search.ShareBuffer ? maxLength : length;
        return _plan.Layout.Layers.Sum(l =>
            TensorPrimitives.Product<long>(l.ShapeOf(l.FixedCapacity is { } capacity ? Math.Min(capacity, maxLength) : rows)) * Floats.SizeOf(l.ElementType));
    }

    /// <summary>A generator without tokens.</summary>
    internal GeneratorState CreateState(GenAISearch search, int maxLength)
    {
        using var parameters = _model.CreateGeneratorParams();
        search.Apply(parameters, maxLength, _plan.Vocabulary);
        return new GeneratorState(this, _model.CreateGenerator(parameters), search, maxLength);
    }

    /// <summary>Gives a generator its first tokens, with the images among them.</summary>
    internal void Begin(GeneratorState state, ReadOnlySpan<int> ids, IReadOnlyList<ImageSelection> images)
    {
        using var inputs = CreateInputs(ids, images);
        state.Generator.SetInputs(inputs);
        state.Length = ids.Length;
    }

    /// <summary>The room that a generator of some tokens needs in any case: windows want to be filled.</summary>
    internal int LeastRoomFor(int tokens) => Math.Min(Math.Max(tokens, _plan.Folder.SlidingWindow?.Size ?? 0), _plan.Folder.ContextLength);

    /// <summary>How far a layer with a window looks back. What GenAI keeps beyond that depends on the device.</summary>
    private int Window => _plan.Folder.SlidingWindow?.Size ?? int.MaxValue;

    private int Limit => Math.Min(_plan.Folder.Search.MaxLength, _plan.Folder.ContextLength);

    private int RoomFor(int needed, SequencePool? pool) =>
        LeastRoomFor(pool is null ? needed : (int)Math.Min(needed + (long)Math.Max(needed, LeastRoom), Math.Max(needed, Limit)));

    private (GeneratorState State, int Length)? Take(
        SequencePool pool, List<SequenceToken> tokens, EncodedPrompt prompt, int[] ids, int needed)
    {
        // Images go in with the first tokens only: what is left of the prompt must be text.
        var least = Math.Max(SequencePool.LeastPrefix, EndOfImages(prompt));
        var request = new SequenceRequest(this, tokens, least, _plan.ReadRow(ids), needed)
        {
            Accepts = state => state is GeneratorState generator && generator.MaxLength >= needed,
        };
        return pool.Take(request) is var (taken, length) ? ((GeneratorState)taken, length) : null;
    }

    /// <summary>The length of the prompt up to its last visual token.</summary>
    private static int EndOfImages(EncodedPrompt prompt) => prompt.VisualIndices.Count > 0 ? prompt.VisualIndices[^1] + 1 : 0;

    private GenAINamedTensors CreateInputs(ReadOnlySpan<int> ids, IReadOnlyList<ImageSelection> images)
    {
        var inputs = new GenAINamedTensors();
        try
        {
            Set("input_ids", GenAITensor.Create([1, ids.Length], ids));
            var rows = images.Sum(i => i.Kept.Count);
            Set("num_image_tokens", GenAITensor.Create<long>([1], [rows]));
            if (rows > 0)
            {
                Set(FolderOverlay.FeaturesInput, CreateFeatures(images, rows));
            }

            if (_hasGrid && images.Count > 0)
            {
                Set("image_grid_thw", GenAITensor.Create<long>([images.Count, 3], [.. images.SelectMany(GridOf)]));
            }
            else if (IsRankThree)
            {
                // Says that there is an axis for images: one, with the rows of all of them.
                Set("image_grid_thw", GenAITensor.Create<long>([1, 3], [1, 1, 1]));
            }

            return inputs;
        }
        catch
        {
            inputs.Dispose();
            throw;
        }

        void Set(string name, GenAITensor tensor)
        {
            using (tensor)
            {
                inputs.Set(name, tensor);
            }
        }
    }

    private bool IsRankThree => _plan.Embedding.Features is { Rank: 3 };

    private GenAITensor CreateFeatures(IReadOnlyList<ImageSelection> images, int rows)
    {
        var (type, width) = (_plan.Embedding.Features!.ElementType, _plan.Embedding.Width);
        var tensor = GenAITensor.Create(type, IsRankThree ? [1, rows, width] : [rows, width]);
        try
        {
            var values = type == TensorElementType.Float ? MemoryMarshal.Cast<byte, float>(tensor.Bytes) : new float[rows * width];
            ImageSelection.CopyKept(images, 0, values);
            if (type != TensorElementType.Float)
            {
                Floats.Write(values, type, tensor.Bytes);
            }

            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Frames, patch rows and patch columns of an unpruned image; a visual token is a square of merged patches.</summary>
    private long[] GridOf(ImageSelection image)
    {
        var grid = image.Image.Tokens.Grid
            ?? throw new ArgumentException("The visual tokens of an image have no grid, which the positions of this model need.", nameof(image));
        return [1, (long)grid.Rows * _mergeSize, (long)grid.Columns * _mergeSize];
    }
}
