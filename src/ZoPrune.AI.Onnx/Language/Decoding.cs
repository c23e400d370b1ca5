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
    private readonly KeyValueCache _cache;
    private readonly List<int> _sequence;
    private float[] _logits = [];
    private long _nextPosition;
    private bool _broken;
    private bool _disposed;

    private Decoding(LanguageModel model, EncodedPrompt prompt, int maxNewTokens)
    {
        _model = model;
        _sequence = [.. prompt.InputIds];
        _nextPosition = prompt.NextPosition;
        PromptLength = prompt.Length;
        _cache = model.CreateCache(Math.Min(prompt.Length + Math.Min(maxNewTokens, FirstCapacity), Math.Max(model.MaxLength, prompt.Length)));
    }

    /// <summary>How many tokens the prompt has.</summary>
    public int PromptLength { get; }

    /// <summary>The ids of the prompt and of the tokens that <see cref="Step"/> was given.</summary>
    public ReadOnlySpan<int> Sequence => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_sequence);

    /// <summary>The logits of the next token [vocabulary]. A sampler may change them in place; the next step writes them anew.</summary>
    public Span<float> Logits => _logits;

    internal static Decoding Prefill(
        LanguageModel model, EncodedPrompt prompt, IReadOnlyList<ImageSelection> images, int maxNewTokens, CancellationToken cancellationToken)
    {
        var features = new float[images.Sum(i => i.Kept.Count) * model.Width];
        var at = 0;
        foreach (var image in images)
        {
            image.CopyKept(features.AsSpan(at));
            at += image.Kept.Count * model.Width;
        }

        var decoding = new Decoding(model, prompt, maxNewTokens);
        try
        {
            decoding.Run(
                new DecoderStep(prompt.InputIds.ToArray(), prompt.Positions.ToArray(), prompt.PositionAxes, 0) { Masked = prompt.Masked },
                features,
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

        _sequence.Add(tokenId);
        _cache.EnsureCapacity(_sequence.Count, _model.MaxLength);
        Run(
            new DecoderStep(new[] { tokenId }, new[] { _nextPosition++ }, 1, _sequence.Count - 1),
            ReadOnlyMemory<float>.Empty,
            cancellationToken);
    }

    /// <summary>Frees the KV cache.</summary>
    public void Dispose()
    {
        _disposed = true;
        _cache.Dispose();
    }

    private void Run(DecoderStep step, ReadOnlyMemory<float> features, CancellationToken cancellationToken)
    {
        _broken = true;
        _model.Run(step, features, _cache, ref _logits, cancellationToken);
        _broken = false;
    }
}
