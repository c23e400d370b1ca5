using System.Runtime.InteropServices;
using ZoPrune.AI.Onnx.Language;

namespace ZoPrune.AI.Onnx;

/// <summary>
/// One sequence that the language model is writing: its ids, its KV cache and the logits of the next token. Not thread-safe; belongs to
/// one call. Dispose it to free native memory.
/// </summary>
public sealed class Decoding : IDisposable
{
    /// <summary>Answers longer than this are rare; the KV cache starts with room for so many tokens and doubles.</summary>
    private const int FirstCapacity = 128;

    private readonly LanguageModel _model;
    private readonly SequencePool? _pool;
    private readonly KeyValueCache _cache;
    private readonly List<int> _sequence;
    private readonly List<SequenceToken> _tokens;
    private float[] _logits = [];
    private long _nextPosition;
    private int _computed;
    private bool _broken;
    private bool _wasCutOff;
    private bool _disposed;

    private Decoding(LanguageModel model, SequencePool? pool, EncodedPrompt prompt, List<SequenceToken> tokens, KeyValueCache cache, int cached)
    {
        _model = model;
        _pool = pool;
        _sequence = [.. prompt.InputIds];
        _tokens = tokens;
        _nextPosition = prompt.NextPosition;
        _cache = cache;
        _computed = cached;
        PromptLength = prompt.Length;
        CachedTokens = cached;
    }

    /// <summary>How many tokens the prompt has.</summary>
    public int PromptLength { get; }

    /// <summary>How many of the prompt's tokens were not computed, because a parked sequence began with them.</summary>
    public int CachedTokens { get; }

    /// <summary>The ids of the prompt and of the tokens that <see cref="Step"/> was given.</summary>
    public ReadOnlySpan<int> Sequence => CollectionsMarshal.AsSpan(_sequence);

    /// <summary>The logits of the next token [vocabulary]. A sampler may change them in place; the next step writes them anew.</summary>
    public Span<float> Logits => _logits;

    internal static Decoding Prefill(
        LanguageModel model,
        EncodedPrompt prompt,
        IReadOnlyList<ImageSelection> images,
        int maxNewTokens,
        SequencePool? pool,
        CancellationToken cancellationToken)
    {
        // Graphs count tokens that are not masked to tell how long the past is: a past with masked ones is not to be had.
        pool = prompt.Masked is null && pool is { MaxBytes: > 0 } && model.NoPrefixReuseReason is null ? pool : null;
        var ids = prompt.InputIds.ToArray();
        List<SequenceToken> tokens = pool is null ? [] : SequenceToken.Of(prompt, images, model.RegimeOf(prompt.Length, prompt.NextPosition));
        var capacity = Math.Min(prompt.Length + Math.Min(maxNewTokens, FirstCapacity), Math.Max(model.MaxLength, prompt.Length));
        cancellationToken.ThrowIfCancellationRequested();
        var (cache, cached) = pool?.Take(tokens, model.LongestPrefix(ids), capacity) ?? (model.CreateCache(capacity), 0);
        var decoding = new Decoding(model, pool, prompt, tokens, cache, cached);
        try
        {
            cache.EnsureCapacity(prompt.Length, model.MaxLength);
            var visual = cached == 0 ? 0 : tokens.Take(cached).Count(t => t.Image is not null);
            decoding.Run(
                new DecoderStep(ids.AsMemory(cached), PositionsFrom(prompt, cached), prompt.PositionAxes, cached) { Masked = prompt.Masked },
                ReadFeatures(images, visual, model.Width),
                cancellationToken);
            return decoding;
        }
        catch
        {
            decoding.Dispose();
            throw;
        }
    }

    /// <summary>Appends a token and computes the logits of the next one.</summary>
    /// <param name="tokenId">The token.</param>
    /// <param name="cancellationToken">Cancels, also in the middle of the run; the sequence cannot go on afterwards.</param>
    /// <exception cref="ArgumentOutOfRangeException">The token lies outside the vocabulary.</exception>
    /// <exception cref="ArgumentException">The token is the placeholder of visual tokens, and the embedding graph would look for
    /// one.</exception>
    /// <exception cref="ObjectDisposedException">The sequence, or its model, is disposed of.</exception>
    /// <exception cref="ModelRunException">ONNX Runtime failed.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="InvalidOperationException">An earlier step failed, or the sequence is as long as the model allows.</exception>
    public void Step(int tokenId, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(tokenId);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(tokenId, _model.Vocabulary);
        if (tokenId == _model.PlaceholderId && _model.TakesFeaturesByPlaceholder)
        {
            throw new ArgumentException($"Token {tokenId} stands for a visual token; it cannot be part of an answer.", nameof(tokenId));
        }

        if (_broken)
        {
            throw new InvalidOperationException("An earlier step of this sequence was cancelled or failed; its KV cache is incomplete.");
        }

        if (_sequence.Count >= _model.MaxLength)
        {
            throw new InvalidOperationException($"The sequence has {_sequence.Count} tokens, the most that the model allows.");
        }

        _broken = true;
        _sequence.Add(tokenId);
        if (_pool is not null)
        {
            _tokens.Add(SequenceToken.Text(tokenId, _nextPosition, _model.RegimeOf(_sequence.Count, _nextPosition + 1)));
        }

        _cache.EnsureCapacity(_sequence.Count, _model.MaxLength);
        Run(
            new DecoderStep(new[] { tokenId }, new[] { _nextPosition++ }, 1, _sequence.Count - 1),
            ReadOnlyMemory<float>.Empty,
            cancellationToken);
    }

    /// <summary>Ends the sequence: its KV cache goes to the pool that <see cref="VisionLanguageModel.Prefill(EncodedPrompt,
    /// IReadOnlyList{ImageSelection}, int, SequencePool, CancellationToken)"/> was given, as far as it is whole, or is freed.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (_pool is not null && (!_broken || (_wasCutOff && _cache.SurvivesCutOffRuns)))
        {
            _pool.Park(CollectionsMarshal.AsSpan(_tokens)[.._computed], _cache);
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
        var at = 0;
        foreach (var image in images)
        {
            var first = Math.Min(skipped, image.Kept.Count);
            image.CopyKept(first, features.AsSpan(at));
            at += (image.Kept.Count - first) * width;
            skipped -= first;
        }

        return features;
    }

    private void Run(DecoderStep step, ReadOnlyMemory<float> features, CancellationToken cancellationToken)
    {
        _broken = true;
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
        _broken = false;
    }
}
