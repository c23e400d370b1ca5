using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ZoPrune.AI.Caching;
using ZoPrune.AI.Configuration;
using ZoPrune.AI.Content;
using ZoPrune.AI.Diagnostics;
using ZoPrune.AI.Generation;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI;

/// <summary>
/// A local, multimodal <see cref="IChatClient"/>: runs a vision-language model folder on ONNX Runtime and prunes the visual tokens that
/// matter least.
/// </summary>
/// <remarks>
/// <para>
/// Thread-safe: calls may run at the same time and give what they give one after another. The work of a call, the loading of the model
/// included, runs on the thread pool. The thread that begins a call reads messages and options alone; they may be changed as soon as it
/// has its task. Only the bytes of pictures are read later: leave them alone until the first update has come. A thread of the pool that
/// asks a stream for another update, without a synchronization context, computes that token itself; any other thread is free meanwhile.
/// The folder is looked at when the client is made and loaded at the first call or by
/// <see cref="LoadAsync"/>.
/// </para>
/// <para>
/// <b>Messages.</b> Turns of system, user, assistant and tool; <see cref="ChatOptions.Instructions"/> become a system turn in front. User
/// turns and results of functions may hold any number of images: <see cref="DataContent"/> and <see cref="UriContent"/> (addresses only as
/// far as <see cref="ZoPruneOptions.ContentAccess"/> allows). Calls of functions and their results are written as the folder's template
/// writes them, pictures among the results into a user turn behind where it takes them nowhere else; a template that knows nothing of tools
/// gets the results as a user turn and the calls as lines of text in the assistant's. Content that the model cannot take is an error that names it. Passed over are only
/// <see cref="UsageContent"/> in a history, numbers about an earlier call, and thoughts of the assistant without words. Text is text: no
/// control token of the model can be written in it.
/// </para>
/// <para>
/// <b>Options.</b> <see cref="ChatOptions.Temperature"/>, <see cref="ChatOptions.TopP"/>, <see cref="ChatOptions.TopK"/>,
/// <see cref="ChatOptions.Seed"/>, <see cref="ChatOptions.MaxOutputTokens"/>, <see cref="ChatOptions.StopSequences"/>,
/// <see cref="ChatOptions.FrequencyPenalty"/> and <see cref="ChatOptions.PresencePenalty"/> are followed; what is not set comes from the
/// folder. Temperature 0 is greedy; a temperature above 0, or top-p or top-k without a temperature, samples. Pruning of a single call is
/// set by <see cref="ZoPruneChatOptionsExtensions.WithPruning"/>. <see cref="ChatOptions.ResponseFormat"/> is kept to, whatever the model:
/// <see cref="ChatResponseFormat.Json"/> gives a JSON object, <c>ForJsonSchema</c> JSON that satisfies the schema
/// (<see cref="Onnx.Constraints.TextGrammar.JsonSchema"/> says which schemas there are), finished within
/// <see cref="ChatOptions.MaxOutputTokens"/>; too few of them, and stop sequences beside it, are an error. The schema is not shown to the
/// model: say in the prompt what is wanted. A conversation id and another model's id are a <see cref="NotSupportedException"/>.
/// <see cref="ChatOptions.RawRepresentationFactory"/> is not called (there is no request
/// underneath), and <see cref="ChatOptions.Reasoning"/>, a wish, has no effect. Options are never changed.
/// </para>
/// <para>
/// <b>Tools.</b> <see cref="ChatOptions.Tools"/> (functions; tools that only a service can run are refused) are written into the prompt by
/// the folder's template; a folder whose template writes none is a <see cref="NotSupportedException"/>. What the model calls becomes
/// <see cref="FunctionCallContent"/>, an update of its own as soon as the call is whole, and the finish reason is
/// <see cref="ChatFinishReason.ToolCalls"/>. What looks like a call but is malformed, or names no tool of the request, stays text.
/// <see cref="ChatToolMode.RequireAny"/> and <see cref="ChatToolMode.RequireSpecific"/> leave the model no choice but to call, with
/// arguments valid by the tool's schema: once, or as often as it likes if <see cref="ChatOptions.AllowMultipleToolCalls"/> is
/// <see langword="true"/>. If that is <see langword="false"/>, the answer ends behind the first call. With <see cref="ChatToolMode.None"/>
/// the model is not told of the tools at all. Beside a JSON <see cref="ChatOptions.ResponseFormat"/> the answer is either calls or that
/// JSON; a call that is required goes before it. How a folder's model writes calls is known from its template, or set by
/// <see cref="ZoPruneOptions.ToolCallFormat"/>.
/// </para>
/// <para>
/// <b>Turns.</b> The whole history is sent each time, pictures included, and costs little: visual tokens of pictures that were seen before
/// and the keys and values of the longest beginning that the prompt shares with an earlier one are still there
/// (<see cref="ZoPruneOptions.Caching"/>). Without, answers are the same but for rounding; <see cref="UsageDetails.CachedInputTokenCount"/> and
/// <see cref="ImagePruningReport.IsCached"/> tell what was known.
/// </para>
/// <para>
/// <b>Answers.</b> The last update carries the usage (with the counts of <see cref="ZoPruneUsage"/>; the input counts the tokens that the
/// language model read, so without the pruned ones), the finish reason, the pruning report and the stage times
/// (<see cref="ZoPruneChatResponseExtensions"/>). The token that ends an answer counts as output.
/// </para>
/// </remarks>
public sealed class ZoPruneChatClient : IChatClient
{
    /// <summary>The provider's name in <see cref="ChatClientMetadata"/>: <c>zoprune</c>.</summary>
    public const string ProviderName = "zoprune";

    private readonly ClientServices _services;
    private readonly ChatClientMetadata _metadata;
    private readonly bool _ownsModel;
    private readonly CancellationTokenSource _disposal = new();
    private int _isDisposed;

    /// <param name="options">Valid options; they are not copied.</param>
    /// <param name="model">The model.</param>
    /// <param name="ownsModel">Whether the model goes with the client.</param>
    /// <param name="logger">The log.</param>
    /// <param name="meterFactory">Makes the meter, if there is one.</param>
    internal ZoPruneChatClient(ZoPruneOptions options, ModelSource model, bool ownsModel, ILogger logger, IMeterFactory? meterFactory)
    {
        _services = new ClientServices(options, model, new ImageReader(options), new ClientTelemetry(meterFactory), logger);
        _metadata = new ChatClientMetadata(ProviderName, providerUri: null, model.ModelId);
        _ownsModel = ownsModel;
    }

    /// <summary>What the client's calls share.</summary>
    internal ClientServices Services => _services;

    /// <summary>Makes a client without dependency injection.</summary>
    /// <remarks>
    /// Clients of one process that open the same folder in the same way share its sessions and what is kept between calls; the last one
    /// closes them. Clients that are made and disposed of one after another load the model each time and find nothing kept: keep one.
    /// A folder that is reached by two paths (through a link) is opened twice.
    /// </remarks>
    /// <param name="options">
    /// What to load and how. They are copied. Without a <see cref="ZoPruneOptions.ModelPath"/> the environment variable
    /// <see cref="ZoPruneOptions.ModelPathVariable"/> is asked, then the bundled model is looked for.
    /// </param>
    /// <param name="loggerFactory">Where to log; by default nowhere.</param>
    /// <exception cref="ArgumentNullException"><paramref name="options"/> is <see langword="null"/>.</exception>
    /// <exception cref="OptionsValidationException">The options are not valid, or there is no model; the message says what to
    /// do.</exception>
    public static ZoPruneChatClient Create(ZoPruneOptions options, ILoggerFactory? loggerFactory = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Create(options, ModelLocator.Default, loggerFactory);
    }

    /// <summary>Loads the model now, so that the first call need not.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="ModelFolderException">The folder cannot be used.</exception>
    /// <exception cref="NotSupportedException">The folder asks for something that is not supported.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        using var lease = await _services.Model.AcquireAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A message, an option or a data URI is malformed, or there is nothing to answer.</exception>
    /// <exception cref="NotSupportedException">A message or an option asks for what the model cannot do.</exception>
    /// <exception cref="Onnx.Images.ImageDecodingException">An image cannot be decoded or exceeds a limit; the message names
    /// it.</exception>
    /// <exception cref="ContentAccessException">The address of an image is refused or could not be read.</exception>
    /// <exception cref="ContextLengthExceededException">The prompt leaves no room for an answer.</exception>
    /// <exception cref="ModelFolderException">The model folder cannot be used.</exception>
    /// <exception cref="ObjectDisposedException">The client is disposed of, before or during the call.</exception>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return StreamAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);
    }

    /// <inheritdoc/>
    /// <remarks>Exceptions are those of <see cref="GetResponseAsync"/>, thrown when the stream is read.</remarks>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return StreamAsync(messages, options, cancellationToken);
    }

    /// <summary>Gives this client, its <see cref="ChatClientMetadata"/>, or its <see cref="VisionLanguageModel"/>.</summary>
    /// <remarks>
    /// To ask for the <see cref="VisionLanguageModel"/> loads it, if no call has yet: the calling thread waits, perhaps for seconds, and
    /// gets the exceptions of <see cref="LoadAsync"/>. Await <see cref="LoadAsync"/> before to avoid both. The model is the one that the
    /// client's calls run on, and perhaps other clients' of the process: do not dispose of it, and do not use it when the client (with
    /// dependency injection: the service provider) is disposed of. The other two types never load anything.
    /// </remarks>
    /// <param name="serviceType">The type that is wanted.</param>
    /// <param name="serviceKey">Must be <see langword="null"/>: nothing here is keyed.</param>
    /// <returns>The object, or <see langword="null"/> if the type is another one or a key is given.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="serviceType"/> is <see langword="null"/>.</exception>
    /// <exception cref="ModelFolderException">The model is asked for and its folder cannot be used.</exception>
    /// <exception cref="NotSupportedException">The model is asked for and its folder asks for something that is not
    /// supported.</exception>
    /// <exception cref="ObjectDisposedException">The model is asked for and the client is disposed of.</exception>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
        {
            return null;
        }

        if (serviceType == typeof(ChatClientMetadata))
        {
            return _metadata;
        }

        if (serviceType == typeof(VisionLanguageModel))
        {
            ThrowIfDisposed();
            return _services.Model.Load();
        }

        return serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>
    /// Ends the client: calls that run end with an <see cref="ObjectDisposedException"/>, and the model is closed when the last of them is
    /// through, unless another client uses it. Does not wait for that. A model that came from a service provider goes with the provider.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        // The source itself is not disposed of: calls that just begin still link to it.
        _disposal.Cancel();
        if (_ownsModel)
        {
            _services.Model.Dispose();
        }

        _services.Images.Dispose();
        _services.Telemetry.Dispose();
    }

    internal static ZoPruneChatClient Create(ZoPruneOptions options, ModelLocator locator, ILoggerFactory? loggerFactory)
    {
        var copy = options.Clone();
        copy.ModelPath = locator.Find(copy.ModelPath);
        var result = new ZoPruneOptionsValidator().Validate(name: null, copy);
        if (result.Failed)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(ZoPruneOptions), result.Failures);
        }

        var logger = CreateLogger(loggerFactory);
        var model = new ModelSource(ModelKey.Of(copy), CacheLimits.Of(copy), logger);
        return new ZoPruneChatClient(copy, model, ownsModel: true, logger, meterFactory: null);
    }

    internal static ILogger CreateLogger(ILoggerFactory? factory) =>
        factory is null ? NullLogger.Instance : factory.CreateLogger<ZoPruneChatClient>();

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        cancellationToken.ThrowIfCancellationRequested();

        // What the caller may change meanwhile is read here, on the caller's thread; everything else happens elsewhere.
        ChatMessage[] conversation = [.. messages];
        var generation = GenerationSettings.Create(options, _services.Model.ModelId);
        var pruning = PruningSettings.Create(_services.Options, options?.GetPruning());

        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposal.Token);
        using var call = new ChatCall(_services, generation, pruning);
        call.Read(conversation);
        var hop = new ThreadPoolHop();
        await hop;
        await StartAsync(call, linked.Token, cancellationToken).ConfigureAwait(false);

        var (responseId, messageId, createdAt) = (NewId(), NewId(), DateTimeOffset.UtcNow);
        var isEmpty = true;
        while (true)
        {
            // A thread of the pool computes a token itself: to wake another one for it, and to let that one wait for work afterwards, takes
            // a core from the decoder for a tenth of a small model's token. A call's first token is never computed where it is asked for.
            if (!ThreadPoolHop.IsThere)
            {
                await hop;
            }

            var content = NextContent(call, linked.Token, cancellationToken);
            if (content is null)
            {
                break;
            }

            isEmpty = false;
            yield return CreateUpdate(content);
        }

        if (isEmpty)
        {
            // So that the answer is a message, though an empty one.
            yield return CreateUpdate(content: null);
        }

        // Without a message id: usage and reports belong to the response, not to a message that goes back into a history.
        yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(call.GetUsage())])
        {
            ResponseId = responseId,
            CreatedAt = createdAt,
            ModelId = _services.Model.ModelId,
            FinishReason = call.FinishReason,
            AdditionalProperties = call.GetReports(),
        };

        ChatResponseUpdate CreateUpdate(AIContent? content) => new(ChatRole.Assistant, content is null ? [] : [content])
        {
            ResponseId = responseId,
            MessageId = messageId,
            CreatedAt = createdAt,
            ModelId = _services.Model.ModelId,
        };
    }

    private async Task StartAsync(ChatCall call, CancellationToken linkedToken, CancellationToken cancellationToken)
    {
        try
        {
            await call.StartAsync(linkedToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Fail(call, e, cancellationToken);
            throw;
        }
    }

    private AIContent? NextContent(ChatCall call, CancellationToken linkedToken, CancellationToken cancellationToken)
    {
        try
        {
            return call.NextContent(linkedToken);
        }
        catch (Exception e)
        {
            Fail(call, e, cancellationToken);
            throw;
        }
    }

    /// <summary>Ends a call, and throws what the caller is to see if that is not the exception itself.</summary>
    private void Fail(ChatCall call, Exception e, CancellationToken cancellationToken)
    {
        call.Fail(e);
        if (cancellationToken.IsCancellationRequested && e is OperationCanceledException)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }

        if (_disposal.IsCancellationRequested && e is OperationCanceledException or ObjectDisposedException)
        {
            throw new ObjectDisposedException("The client was disposed of during the call.", e);
        }
    }

    private static string NewId() => "zoprune-" + Guid.CreateVersion7().ToString("N");

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
}
