using System.Runtime.InteropServices;
using ZoPrune.AI.Onnx.Constraints;
using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.Onnx.Sampling;

namespace ZoPrune.AI.Onnx;

/// <summary>
/// One sequence that a language model is writing: its ids, its KV cache and the logits of the next token. Not thread-safe; belongs to
/// one call. Dispose it to free native memory.
/// </summary>
/// <remarks>
/// Either <see cref="Next"/> chooses and appends, or the caller does with <see cref="Logits"/> and <see cref="Step"/>. Made by
/// <see cref="VisionLanguageModel"/>; it cannot be derived from elsewhere.
/// </remarks>
public abstract class Decoding : IDisposable
{
    private readonly List<int> _sequence;
    private int? _chosen;
    private bool _isBroken = true;
    private bool _isDisposed;

    internal Decoding(ILanguageModel model, EncodedPrompt prompt, int cachedTokens)
    {
        _sequence = [.. prompt.InputIds];
        LanguageModel = model.Name;
        PromptLength = prompt.Length;
        CachedTokens = cachedTokens;
    }

    /// <summary>What generates: <c>OnnxRuntime</c>, this library's own sessions, or the name of a <see cref="LanguageModelBackend"/>.</summary>
    public string LanguageModel { get; }

    /// <summary>How many tokens the prompt has.</summary>
    public int PromptLength { get; }

    /// <summary>How many of the prompt's tokens were not computed, because a parked sequence began with them.</summary>
    public int CachedTokens { get; }

    /// <summary>The ids of the prompt and of the tokens that <see cref="Step"/> was given.</summary>
    public ReadOnlySpan<int> Sequence => CollectionsMarshal.AsSpan(_sequence);

    /// <summary>The logits of the next token [vocabulary]. A sampler may change them in place; the next step writes them anew.</summary>
    /// <exception cref="ModelRunException">They are computed only now, and that failed.</exception>
    /// <exception cref="InvalidOperationException">
    /// The next token has been chosen by <see cref="Next"/> and is not appended yet, or an earlier step failed.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The sequence is disposed of.</exception>
    public Span<float> Logits
    {
        get
        {
            ThrowIfUnusable();
            return _chosen is null
                ? ReadLogits()
                : throw new InvalidOperationException(
                    $"Token {_chosen} has been chosen and is not appended yet; the logits of the one behind it are there after {nameof(Step)}.");
        }
    }

    /// <summary>The length that the sequence has room for.</summary>
    private protected abstract int Room { get; }

    /// <summary>Chooses the next token. It is appended by the next call, so that nobody waits for it who has what he wants.</summary>
    /// <param name="sampler">
    /// What chooses. A language model that was told of the same options (<see cref="PrefillOptions.Sampling"/>) may choose itself, by the
    /// same rules; it does not notice logits that are no numbers.
    /// </param>
    /// <param name="constraint">What the answer is held to; it is asked, not told. <c>null</c>: nothing.</param>
    /// <param name="remainingTokens">How many tokens the answer may still have, this one included.</param>
    /// <param name="cancellationToken">Cancels as <see cref="Step"/> does.</param>
    /// <returns>The chosen id.</returns>
    /// <exception cref="NotFiniteNumberException">The model's output is broken.</exception>
    /// <exception cref="InvalidOperationException">An earlier step failed, or there is no room for another token.</exception>
    /// <remarks>Other exceptions are those of <see cref="Step"/> and <see cref="TokenSampler.Next(Span{float}, ReadOnlySpan{int}, int,
    /// TokenConstraint, int)"/>.</remarks>
    public int Next(
        TokenSampler sampler,
        TokenConstraint? constraint = null,
        int remainingTokens = int.MaxValue,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sampler);
        ThrowIfUnusable();
        if (_chosen is { } last)
        {
            Step(last, cancellationToken);
        }

        RequireRoom();
        int id;
        if (constraint is null && ChoosesFor(sampler))
        {
            cancellationToken.ThrowIfCancellationRequested();
            MarkUnknown();
            id = Choose(cancellationToken);
            MarkKnown();
        }
        else
        {
            id = sampler.Next(ReadLogits(), Sequence, PromptLength, constraint, remainingTokens);
        }

        _chosen = id;
        return id;
    }

    /// <summary>Appends a token; the logits are those of the one behind it from then on.</summary>
    /// <param name="tokenId">The token; if <see cref="Next"/> has just chosen one, that one, which is appended once.</param>
    /// <param name="cancellationToken">
    /// Cancels, with this library's own sessions also in the middle of the run; the sequence cannot go on afterwards.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The token lies outside the vocabulary.</exception>
    /// <exception cref="ArgumentException">The token is the placeholder of visual tokens, and the embedding graph would look for
    /// one.</exception>
    /// <exception cref="ObjectDisposedException">The sequence, or its model, is disposed of.</exception>
    /// <exception cref="ModelRunException">ONNX Runtime failed.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <exception cref="InvalidOperationException">
    /// An earlier step failed, there is no room for another token, or <see cref="Next"/> has just chosen another token.
    /// </exception>
    public void Step(int tokenId, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        RequireToken(tokenId);
        ThrowIfUnusable();
        if (_chosen is { } chosen && chosen != tokenId)
        {
            throw new InvalidOperationException($"Token {chosen} has been chosen already; token {tokenId} cannot stand in its place.");
        }

        RequireRoom();
        _chosen = null;
        MarkUnknown();
        _sequence.Add(tokenId);
        Append(tokenId, cancellationToken);
        MarkKnown();
    }

    /// <summary>Ends the sequence: what the model keeps of it goes to <see cref="PrefillOptions.Pool"/>, as far as it is whole, or is
    /// freed.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            Release(_isBroken);
            GC.SuppressFinalize(this);
        }
    }

    /// <summary>Whether the language model itself chooses as a sampler would.</summary>
    private protected virtual bool ChoosesFor(TokenSampler sampler) => false;

    /// <summary>Lets the language model choose the next token.</summary>
    private protected virtual int Choose(CancellationToken cancellationToken) =>
        throw new NotSupportedException("The language model does not choose tokens itself.");

    /// <summary>The logits of the token behind <see cref="Sequence"/>.</summary>
    private protected abstract Span<float> ReadLogits();

    /// <summary>Throws for a token that the language model cannot take.</summary>
    private protected abstract void RequireToken(int tokenId);

    /// <summary>Gives the language model the last token of <see cref="Sequence"/>.</summary>
    private protected abstract void Append(int tokenId, CancellationToken cancellationToken);

    /// <summary>Parks or frees what the language model keeps.</summary>
    /// <param name="isBroken">Whether the last run failed or was cancelled.</param>
    private protected abstract void Release(bool isBroken);

    /// <summary>Says that a run begins: what fails or is cancelled in between leaves the model's state unknown.</summary>
    private protected void MarkUnknown() => _isBroken = true;

    /// <summary>Says that a run is through, at first that of the prompt.</summary>
    private protected void MarkKnown() => _isBroken = false;

    private void RequireRoom()
    {
        if (_sequence.Count >= Room)
        {
            throw new InvalidOperationException($"The sequence has {_sequence.Count} tokens, the most that it has room for.");
        }
    }

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_isBroken)
        {
            throw new InvalidOperationException("An earlier step of this sequence was cancelled or failed; its KV cache is incomplete.");
        }
    }
}
