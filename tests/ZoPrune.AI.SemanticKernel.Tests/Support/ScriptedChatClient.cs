using Microsoft.Extensions.AI;

namespace ZoPrune.AI.SemanticKernel.Tests.Support;

/// <summary>
/// Plays an orchestrating model: gives its answers one after another and keeps what it was asked. The bundled model cannot call functions.
/// </summary>
internal sealed class ScriptedChatClient(params ChatMessage[] answers) : IChatClient
{
    private int _next;

    public List<IReadOnlyList<ChatMessage>> Requests { get; } = [];

    public List<ChatOptions?> Options { get; } = [];

    /// <summary>The results of functions in the last request, as text.</summary>
    public IEnumerable<string> Results =>
        Requests[^1].SelectMany(m => m.Contents).OfType<FunctionResultContent>().Select(r => r.Result?.ToString() ?? string.Empty);

    public static ChatMessage Call(string name, params (string Name, object? Value)[] arguments) => new(
        ChatRole.Assistant,
        [new FunctionCallContent(Guid.NewGuid().ToString("N"), name, arguments.ToDictionary(a => a.Name, a => a.Value))]);

    public static ChatMessage Say(string text) => new(ChatRole.Assistant, text);

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Requests.Add([.. messages]);
        Options.Add(options);
        return Task.FromResult(new ChatResponse(answers[_next++]) { ModelId = "scripted", FinishReason = ChatFinishReason.Stop });
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var response = await GetResponseAsync(messages, options, cancellationToken);
        foreach (var update in response.ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("script", null, "scripted")
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose()
    {
    }
}
