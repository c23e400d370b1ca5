using System.Globalization;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Constraints;
using ZoPrune.AI.Onnx.Sampling;
using ZoPrune.AI.Onnx.Text;

namespace ZoPrune.AI.Generation;

/// <summary>Generates an answer token by token and gives it as text that is never taken back.</summary>
internal sealed class AnswerStream : IDisposable
{
    private readonly Decoding _decoding;
    private readonly TokenSampler _sampler;
    private readonly StreamingDetokenizer _detokenizer;
    private readonly StopSequenceScanner _stops;
    private readonly HashSet<int> _ends;
    private readonly int _maxTokens;
    private readonly TokenConstraint? _constraint;

    /// <param name="model">The model that answers.</param>
    /// <param name="sampling">How tokens are chosen.</param>
    /// <param name="stopSequences">What ends the answer.</param>
    /// <param name="maxTokens">The most tokens of the answer.</param>
    /// <param name="prefill">Gives the sequence to go on with, which belongs to the answer from then on.</param>
    /// <param name="constraint">What the answer is held to, if anything.</param>
    /// <param name="visibleTokens">The special tokens whose content is part of the text.</param>
    /// <exception cref="ArgumentException">The tokens do not suffice for the shortest answer that the constraint allows.</exception>
    public AnswerStream(
        VisionLanguageModel model,
        SamplingOptions sampling,
        IReadOnlyList<string> stopSequences,
        int maxTokens,
        Func<Decoding> prefill,
        TokenConstraint? constraint = null,
        IReadOnlyList<string>? visibleTokens = null)
    {
        if (constraint?.TokensToEnd > maxTokens)
        {
            throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture,
                $"The answer may have at most {maxTokens} {(maxTokens == 1 ? "token" : "tokens")} (ChatOptions.MaxOutputTokens, and what the model's context leaves), but the "
                + $"shortest answer in the wanted format takes about {constraint.TokensToEnd}."));
        }

        _sampler = new TokenSampler(sampling, model.EosTokenIds);
        _detokenizer = model.Tokenizer.CreateDetokenizer(visibleTokens ?? []);
        _stops = new StopSequenceScanner(stopSequences);
        _ends = [.. model.EosTokenIds];
        _maxTokens = maxTokens;
        _constraint = constraint;

        // Last: nothing can fail behind it that would leave its native memory to nobody, and nothing that fails costs a prefill.
        _decoding = prefill();
    }

    /// <summary>How many tokens were generated, the one that ended the answer included.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Why the answer ended; <see langword="null"/> while it has not.</summary>
    public ChatFinishReason? FinishReason { get; private set; }

    /// <summary>Chooses the next token.</summary>
    /// <returns>The text that has become certain with it: perhaps none.</returns>
    public string Next(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var id = _decoding.Next(_sampler, _constraint, _maxTokens - TokenCount, cancellationToken);
        _constraint?.Accept(id);
        TokenCount++;
        if (_ends.Contains(id))
        {
            return End(ChatFinishReason.Stop, string.Empty);
        }

        var text = _stops.Append(_detokenizer.Append(id));
        if (_stops.IsStopped)
        {
            FinishReason = ChatFinishReason.Stop;
            return text;
        }

        if (_constraint is { IsComplete: true })
        {
            // Nothing but an end of sequence could follow.
            return End(ChatFinishReason.Stop, text);
        }

        return TokenCount < _maxTokens ? text : End(ChatFinishReason.Length, text);
    }

    /// <summary>Ends the answer: nothing that may follow is wanted.</summary>
    public void Stop() => FinishReason ??= ChatFinishReason.Stop;

    public void Dispose() => _decoding.Dispose();

    private string End(ChatFinishReason reason, string text)
    {
        text += _stops.Append(_detokenizer.Flush());
        FinishReason = _stops.IsStopped ? ChatFinishReason.Stop : reason;
        return text + _stops.Flush();
    }
}
