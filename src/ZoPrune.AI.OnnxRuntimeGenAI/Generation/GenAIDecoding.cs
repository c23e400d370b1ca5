using System.Runtime.InteropServices;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Language;
using ZoPrune.AI.Onnx.Sampling;

namespace ZoPrune.AI.OnnxRuntimeGenAI.Generation;

/// <summary>A sequence that a generator of GenAI writes.</summary>
internal sealed class GenAIDecoding : Decoding
{
    private readonly GenAILanguageModel _model;
    private readonly GeneratorState _state;
    private readonly SequencePool? _pool;
    private readonly List<SequenceToken> _tokens;
    private readonly SamplingOptions? _choosing;
    private float[] _logits = [];
    private bool _hasLogits;
    private long _nextPosition;

    /// <param name="model">The model.</param>
    /// <param name="prompt">The prompt.</param>
    /// <param name="state">The generator, which has run the prompt.</param>
    /// <param name="cached">How many tokens of the prompt it held before.</param>
    /// <param name="choosing">The options by which the generator chooses; <see langword="null"/>: the caller's sampler does.</param>
    /// <param name="pool">Where the generator goes afterwards.</param>
    /// <param name="tokens">What the pool knows the prompt by; empty without a pool.</param>
    public GenAIDecoding(
        GenAILanguageModel model,
        EncodedPrompt prompt,
        GeneratorState state,
        int cached,
        SamplingOptions? choosing,
        SequencePool? pool,
        List<SequenceToken> tokens)
        : base(model, prompt, cached)
    {
        _model = model;
        _state = state;
        _choosing = choosing;
        _pool = pool;
        _tokens = tokens;
        _nextPosition = prompt.NextPosition;
        MarkKnown();
    }

    private protected override int Room => _state.MaxLength;

    private protected override Span<float> ReadLogits()
    {
        if (!_hasLogits)
        {
            if (_logits.Length == 0)
            {
                _logits = new float[_model.Vocabulary];
            }

            MarkUnknown();
            _state.Generator.CopyLogits(_logits);
            MarkKnown();
            (_hasLogits, _state.IsLastPending) = (true, false);
        }

        return _logits;
    }

    private protected override bool ChoosesFor(TokenSampler sampler) => _choosing is not null && sampler.Options == _choosing;

    private protected override int Choose(CancellationToken cancellationToken)
    {
        var id = _state.Generator.GenerateNextToken();
        _hasLogits = false;
        var length = _state.Generator.Length;
        if (length == _state.Length)
        {
            // It is none of the sequence: GenAI does not append what ends an answer.
            _state.IsLastPending = false;
        }
        else
        {
            Note(id, length);
        }

        return id;
    }

    private protected override void RequireToken(int tokenId) => _model.RequireToken(tokenId);

    private protected override void Append(int tokenId, CancellationToken cancellationToken)
    {
        if (_state.Length == Sequence.Length)
        {
            // It was the generator's own choice.
            return;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (_model.IsEnd(tokenId))
        {
            _state.RunPending();
            _state.Generator.AppendTokens([tokenId]);
        }
        else
        {
            Force(tokenId);
        }

        Note(tokenId, _state.Generator.Length);
        _state.IsLastPending = !_model.IsEnd(tokenId);
        _hasLogits = false;
    }

    private protected override void Release(bool isBroken)
    {
        if (_pool is not null && !isBroken)
        {
            _pool.Park(_model, CollectionsMarshal.AsSpan(_tokens)[.._state.Length], _state);
        }
        else
        {
            _state.Dispose();
        }
    }

    /// <summary>
    /// Makes the generator choose a token. Not by appending it: not every device can append behind a prompt.
    /// </summary>
    private void Force(int tokenId)
    {
        var logits = ReadLogits();
        logits.Fill(float.MinValue);
        logits[tokenId] = 0;
        _state.Generator.SetLogits(logits);
        var chosen = _state.Generator.GenerateNextToken();
        if (chosen != tokenId)
        {
            throw new OnnxRuntimeGenAIException($"ONNX Runtime GenAI chose token {chosen} where its logits allow only {tokenId}.");
        }
    }

    /// <summary>Keeps the books of a token that the generator has appended.</summary>
    /// <param name="tokenId">The token.</param>
    /// <param name="length">The tokens that the generator holds.</param>
    private void Note(int tokenId, int length)
    {
        _state.Length++;
        _state.IsLastPending = true;
        if (length != _state.Length)
        {
            throw new OnnxRuntimeGenAIException(
                $"ONNX Runtime GenAI holds {length} tokens where {_state.Length} are expected; was token {tokenId} an end of sequence to it?");
        }

        if (_pool is not null)
        {
            _tokens.Add(SequenceToken.Text(tokenId, _nextPosition, _model.RegimeOf(_state.Length, _nextPosition + 1)));
        }

        _nextPosition++;
    }
}
