using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ZoPrune.AI.Configuration;
using ZoPrune.AI.Conversation;
using ZoPrune.AI.Diagnostics;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Constraints;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Generation;

/// <summary>
/// One call from messages to the last token. Its methods do the work on the thread that calls them, one at a time; several images are read
/// on threads of the pool.
/// </summary>
internal sealed class ChatCall : IDisposable
{
    private readonly ClientServices _client;
    private readonly GenerationSettings _generation;
    private readonly PruningSettings _pruning;
    private readonly CallTelemetry _telemetry;
    private readonly CallReport _report = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private ChatConversation? _conversation;
    private ModelLease? _lease;
    private EncodedPrompt? _prompt;
    private AnswerStream? _answer;
    private ToolCallFormat? _toolCallFormat;
    private ToolCallReader? _toolCalls;
    private TokenConstraint? _constraint;
    private StageScope? _decodeStage;
    private string? _sensitiveAnswer;
    private int _cachedTokens;
    private string? _languageModel;

    public ChatCall(ClientServices client, GenerationSettings generation, PruningSettings pruning)
    {
        _client = client;
        _generation = generation;
        _pruning = pruning;
        _telemetry = new CallTelemetry(client.Telemetry, client.Model.ModelId);
    }

    public ChatFinishReason? FinishReason => _toolCalls is { HasCalls: true } ? ChatFinishReason.ToolCalls : _answer?.FinishReason;

    /// <summary>
    /// Reads the messages. What the caller does with them afterwards does not reach the call, but for the bytes of pictures.
    /// </summary>
    public void Read(IReadOnlyList<ChatMessage> messages)
    {
        try
        {
            _conversation = ConversationReader.Read(messages, _generation.Instructions);
            CheckImageCount(_conversation.Images.Count);
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }
    }

    /// <summary>Everything from the messages that were read up to the point where tokens can be generated.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var conversation = _conversation!;
        _lease = await _client.Model.AcquireAsync(cancellationToken).ConfigureAwait(false);

        // What is wrong with a schema is said before the work on images begins.
        var grammar = _generation.ResponseFormat is { } json ? _client.Grammars.Of(json) : null;
        if (_generation.Tools is { } tools)
        {
            // Not where a format is set alone: a model that is not told of its tools cannot call them.
            var format = _lease.Model.SupportsTools ? _client.Options.ToolCallFormat : null;
            _toolCallFormat = format ?? _lease.Model.GetToolCallFormat();
            grammar = _client.Grammars.Of(tools, _toolCallFormat, grammar);
        }

        cancellationToken.ThrowIfCancellationRequested();
        _constraint = grammar is null ? null : CreateConstraint(grammar);
        cancellationToken.ThrowIfCancellationRequested();
        var images = new ImagePipeline(_client, _lease, _pruning, _telemetry, _report);
        var selections = await images.ReadAsync(conversation.Images, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        _prompt = EncodePrompt(conversation, selections);
        Prefill(selections, cancellationToken);
    }

    /// <summary>Generates until there is something to pass on.</summary>
    /// <returns>Text or a call of a function, or <see langword="null"/> when the answer has ended.</returns>
    public AIContent? NextContent(CancellationToken cancellationToken)
    {
        var answer = _answer!;
        _decodeStage ??= _telemetry.Begin(ZoPruneTelemetry.DecodeStage);
        while (true)
        {
            if (_toolCalls?.Next() is { } content)
            {
                return content;
            }

            if (answer.FinishReason is not null)
            {
                LogSensitiveAnswer();
                return null;
            }

            var text = NextText(answer, cancellationToken);
            if (_toolCalls is null && text.Length > 0)
            {
                return new TextContent(text);
            }
        }
    }

    private TokenConstraint CreateConstraint(TextGrammar grammar)
    {
        try
        {
            return _lease!.Model.CreateConstraint(grammar);
        }
        catch (NotSupportedException e)
        {
            var option = _generation.Tools is { Required.Count: > 0 } ? nameof(ChatOptions.Tools) : nameof(ChatOptions.ResponseFormat);
            throw new NotSupportedException($"ChatOptions.{option}: {e.Message}", e);
        }
    }

    private void LogSensitiveAnswer()
    {
        if (_sensitiveAnswer is not null)
        {
            Log.SensitiveAnswer(_client.Logger, _sensitiveAnswer);
        }
    }

    /// <summary>Generates a token.</summary>
    private string NextText(AnswerStream answer, CancellationToken cancellationToken)
    {
        var text = answer.Next(cancellationToken);
        if (answer.TokenCount == 1)
        {
            _report.SetFirstToken(Stopwatch.GetElapsedTime(_start));
        }

        _toolCalls?.Append(text);
        if (_toolCalls is { IsDone: true })
        {
            answer.Stop();
        }

        if (answer.FinishReason is not null)
        {
            _toolCalls?.Flush();
            EndDecoding(answer, FinishReason!.Value);
        }

        if (text.Length > 0)
        {
            _sensitiveAnswer = IsSensitiveLogged ? _sensitiveAnswer + text : null;
        }

        return text;
    }

    public UsageDetails GetUsage() => new()
    {
        InputTokenCount = _prompt!.Length,
        CachedInputTokenCount = _cachedTokens,
        OutputTokenCount = _answer!.TokenCount,
        TotalTokenCount = _prompt.Length + _answer.TokenCount,
        AdditionalCounts = new AdditionalPropertiesDictionary<long>
        {
            [ZoPruneUsage.VisualTokens] = _prompt.VisualTokens,
            [ZoPruneUsage.VisualTokensKept] = _prompt.VisualTokensKept,
        },
    };

    public AdditionalPropertiesDictionary GetReports() => new()
    {
        [ZoPruneUsage.PruningReport] = _report.ToPruningReport(),
        [ZoPruneUsage.StageTimes] = _report.Times,
        [ZoPruneUsage.UsedPositionPolicy] = _prompt!.Policy.ToString(),
        [ZoPruneUsage.UsedLanguageModel] = _languageModel,
    };

    public void Fail(Exception exception)
    {
        if (exception is OperationCanceledException)
        {
            Log.Cancelled(_client.Logger);
            return;
        }

        _decodeStage?.Fail(exception);
        _telemetry.Fail(exception);
        Log.Failed(_client.Logger, exception.GetType().FullName!);
    }

    public void Dispose()
    {
        _decodeStage?.Dispose();
        _answer?.Dispose();
        if (_lease?.Caches.Sequences is { Oversized: > 0 } sequences && _lease.AnnounceOversized())
        {
            Log.ConversationTooLarge(_client.Logger, _lease.Model.ModelId, sequences.MaxBytes);
        }

        _lease?.Dispose();
        _telemetry.Dispose();
    }

    private bool IsSensitiveLogged => _client.Options.LogSensitiveData && _client.Logger.IsEnabled(LogLevel.Trace);

    private void CheckImageCount(int count)
    {
        if (count > _client.Options.Images.MaxCount)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The request has {count} images; at most {_client.Options.Images.MaxCount} are allowed (Images.MaxCount)."));
        }
    }

    private EncodedPrompt EncodePrompt(ChatConversation conversation, ImageSelection[] selections)
    {
        var model = _lease!.Model;
        var chat = conversation.ToPrompt(_generation.Tools?.Tools);
        var prompt = model.EncodePrompt(chat, selections, _pruning.PositionPolicy);
        var gapsOverflow = prompt.NextPosition >= model.ContextLength && prompt.Length < model.ContextLength;
        if (gapsOverflow && _pruning.PositionPolicy == PositionPolicy.Auto)
        {
            // The gaps that pruning leaves are all that does not fit.
            prompt = model.EncodePrompt(chat, selections, PositionPolicy.Compact);
        }

        var limit = Math.Min(model.ContextLength, model.MaxLength);
        if (prompt.Length >= limit)
        {
            throw new ContextLengthExceededException(prompt.Length, limit);
        }

        return prompt.NextPosition >= model.ContextLength
            ? throw new ContextLengthExceededException(prompt.Length, prompt.NextPosition, model.ContextLength)
            : prompt;
    }

    private void Prefill(ImageSelection[] selections, CancellationToken cancellationToken)
    {
        var model = _lease!.Model;
        var prompt = _prompt!;
        if (IsSensitiveLogged)
        {
            // Placeholders of some families are negative and have no text.
            Log.SensitivePrompt(_client.Logger, model.Tokenizer.Decode([.. prompt.InputIds.Where(id => id >= 0)]));
        }

        if (_generation.Tools is { } tools)
        {
            _toolCalls = new ToolCallReader(tools, _toolCallFormat!, _conversation!.CallIds);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var room = (int)Math.Min(Math.Min(model.ContextLength, model.MaxLength) - prompt.Length, model.ContextLength - prompt.NextPosition);
        var maxTokens = Math.Min(_generation.MaxOutputTokens ?? int.MaxValue, room);
        using var stage = _telemetry.Begin(ZoPruneTelemetry.PrefillStage);
        try
        {
            stage.SetTag(ZoPruneTelemetry.PromptTokensTag, prompt.Length);
            stage.SetTag(ZoPruneTelemetry.VisualTokensKept, prompt.VisualTokensKept);
            _telemetry.SetTag(ZoPruneTelemetry.PromptTokensTag, prompt.Length);
            _telemetry.SetTag(ZoPruneTelemetry.VisualTokens, prompt.VisualTokens);
            _telemetry.SetTag(ZoPruneTelemetry.VisualTokensKept, prompt.VisualTokensKept);
            var sampling = _generation.ToSampling(model.DefaultSampling);
            _answer = new AnswerStream(
                model,
                sampling,
                _generation.StopSequences,
                maxTokens,
                () =>
                {
                    var options = new PrefillOptions
                    {
                        MaxNewTokens = maxTokens,
                        Pool = _lease.Caches.Sequences,
                        Sampling = _constraint is null ? sampling : null,
                    };
                    var decoding = model.Prefill(prompt, selections, options, cancellationToken);
                    _cachedTokens = decoding.CachedTokens;
                    _languageModel = decoding.LanguageModel;
                    return decoding;
                },
                _constraint,
                _toolCallFormat?.Markers);
            stage.SetTag(ZoPruneTelemetry.CachedPromptTokensTag, _cachedTokens);
            _telemetry.SetTag(ZoPruneTelemetry.CachedPromptTokensTag, _cachedTokens);
            _telemetry.CountCachedPromptTokens(_cachedTokens);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            stage.Fail(e);
            throw;
        }

        _report.SetPrefill(stage.End());
        if (_lease.Caches.Sequences.MaxBytes > 0 && model.NoPrefixReuseReason is { } reason && _lease.AnnounceNoPrefixReuse())
        {
            Log.NoPrefixReuse(_client.Logger, model.ModelId, reason);
        }

        Log.Prefilled(
            _client.Logger,
            prompt.Length,
            prompt.VisualTokensKept,
            prompt.VisualTokens,
            _cachedTokens,
            _report.Times.Prefill.TotalMilliseconds);
    }

    private void EndDecoding(AnswerStream answer, ChatFinishReason reason)
    {
        _decodeStage!.SetTag(ZoPruneTelemetry.OutputTokensTag, answer.TokenCount);
        _telemetry.SetTag(ZoPruneTelemetry.OutputTokensTag, answer.TokenCount);
        _report.SetDecode(_decodeStage.End());
        Log.Answered(_client.Logger, answer.TokenCount, reason.Value, _report.Times.FirstToken.TotalMilliseconds);
    }
}
