using System.Runtime.InteropServices;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>A sequence that this library's own sessions write.</summary>
internal sealed class GraphDecoding : Decoding
{
    /// <summary>Answers longer than this are rare; the KV cache starts with room for so many tokens and doubles.</summary>
    private const int FirstCapacity = 128;

    private readonly LanguageModel _model;
    private readonly SequencePool? _pool;
    private readonly KeyValueCache _cache;
    private readonly List<SequenceToken> _tokens;
    private float[] _logits = [];
    private long _nextPosition;
    private int _computed;
    private bool _wasCutOff;
    private bool _triedStep;
    private TokenStep? _step;

    private GraphDecoding(LanguageModel model, SequencePool? pool, EncodedPrompt prompt, List<SequenceToken> tokens, KeyValueCache cache, int cached)
        : base(model, prompt, cached)
    {
        _model = model;
        _pool = pool;
        _tokens = tokens;
        _nextPosition = prompt.NextPosition;
        _cache = cache;
        _computed = cached;
    }

    private protected override int Room => _model.MaxLength;

    public static GraphDecoding Prefill(
        LanguageModel model,
        EncodedPrompt prompt,
        IReadOnlyList<ImageSelection> images,
        PrefillOptions options,
        CancellationToken cancellationToken)
    {
        var pool = options.PoolFor(model, prompt);
        var ids = prompt.InputIds.ToArray();
        List<SequenceToken> tokens = pool is null ? [] : SequenceToken.Of(prompt, images, model.RegimeOf(prompt.Length, prompt.NextPosition));
        var capacity = Math.Min(prompt.Length + Math.Min(options.MaxNewTokens, FirstCapacity), Math.Max(model.MaxLength, prompt.Length));
        cancellationToken.ThrowIfCancellationRequested();
        var taken = pool?.Take(new SequenceRequest(model, tokens, SequencePool.LeastPrefix, model.LongestPrefix(ids), capacity));
        var cached = taken?.Length ?? 0;
        var decoding = new GraphDecoding(
            model, pool, prompt, tokens, (KeyValueCache?)taken?.State ?? model.CreateCache(capacity), cached);
        try
        {
            decoding._cache.EnsureCapacity(prompt.Length, model.MaxLength);
            var visual = cached == 0 ? 0 : tokens.Take(cached).Count(t => t.Image is not null);
            decoding.Run(
                new DecoderStep(ids.AsMemory(cached), PositionsFrom(prompt, cached), prompt.PositionAxes, cached) { Masked = prompt.Masked },
                ReadFeatures(images, visual, model.Width),
                cancellationToken);
            decoding.MarkKnown();
            return decoding;
        }
        catch
        {
            decoding.Dispose();
            throw;
        }
    }

    private protected override Span<float> ReadLogits() => _logits;

    private protected override void RequireToken(int tokenId) => _model.RequireToken(tokenId);

    private protected override void Append(int tokenId, CancellationToken cancellationToken)
    {
        var length = Sequence.Length;
        if (_pool is not null)
        {
            _tokens.Add(SequenceToken.Text(tokenId, _nextPosition, _model.RegimeOf(length, _nextPosition + 1)));
        }

        _cache.EnsureCapacity(length, _model.MaxLength);
        if (!_triedStep)
        {
            // Not before: an answer of one token needs none.
            (_triedStep, _step) = (true, _model.CreateStep());
        }

        if (_step is null)
        {
            Run(new DecoderStep(new[] { tokenId }, new[] { _nextPosition++ }, 1, length - 1), ReadOnlyMemory<float>.Empty, cancellationToken);
            return;
        }

        try
        {
            _step.Run(tokenId, _nextPosition++, length - 1, _cache, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _wasCutOff = true;
            throw;
        }

        (_logits, _computed) = (_step.Logits, length);
    }

    private protected override void Release(bool isBroken)
    {
        _step?.Dispose();
        if (_pool is not null && (!isBroken || (_wasCutOff && _cache.SurvivesCutOffRuns)))
        {
            _pool.Park(_model, CollectionsMarshal.AsSpan(_tokens)[.._computed], _cache);
        }
        else
        {
            _cache.Dispose();
        }
    }

    private static ReadOnlyMemory<long> PositionsFrom(EncodedPrompt prompt, int start)
    {
        var all = prompt.Positions.ToArray();
        if (start == 0)
        {
            return all;
        }

        var (length, rest) = (prompt.Length, prompt.Length - start);
        var positions = new long[prompt.PositionAxes * rest];
        for (var axis = 0; axis < prompt.PositionAxes; axis++)
        {
            all.AsSpan((axis * length) + start, rest).CopyTo(positions.AsSpan(axis * rest));
        }

        return positions;
    }

    /// <summary>The kept rows of all images behind the first ones.</summary>
    private static float[] ReadFeatures(IReadOnlyList<ImageSelection> images, int skipped, int width)
    {
        var features = new float[(images.Sum(i => i.Kept.Count) - skipped) * width];
        ImageSelection.CopyKept(images, skipped, features);
        return features;
    }

    private void Run(DecoderStep step, ReadOnlyMemory<float> features, CancellationToken cancellationToken)
    {
        try
        {
            _model.Run(step, features, _cache, ref _logits, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _wasCutOff = true;
            throw;
        }

        _computed = step.PastLength + step.Ids.Length;
    }
}
