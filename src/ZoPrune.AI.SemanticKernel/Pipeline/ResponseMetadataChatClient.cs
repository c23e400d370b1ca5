using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace ZoPrune.AI.SemanticKernel.Pipeline;

/// <summary>
/// Puts what a response says as a whole where Semantic Kernel's adapter (<c>AsChatCompletionService</c>) looks for metadata: in the
/// properties of the message. By itself that adapter drops the properties of a response (the pruning report) and, also while streaming, the
/// finish reason. Only the completion service goes through here; whoever has the chat client has the response.
/// </summary>
internal sealed class ResponseMetadataChatClient(IChatClient inner) : DelegatingChatClient(inner)
{
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        if (response.Messages is not [.., var last])
        {
            return response;
        }

        // Copies: message and response may be someone else's as well, those of a cache or a history.
        var copy = last.Clone();
        copy.AdditionalProperties = Merge(last.AdditionalProperties, response.AdditionalProperties);
        Describe(copy.AdditionalProperties, response.ResponseId, response.CreatedAt, response.FinishReason);
        return new ChatResponse([.. response.Messages.SkipLast(1), copy])
        {
            AdditionalProperties = response.AdditionalProperties,
            ConversationId = response.ConversationId,
            CreatedAt = response.CreatedAt,
            FinishReason = response.FinishReason,
            ModelId = response.ModelId,
            RawRepresentation = response.RawRepresentation,
            ResponseId = response.ResponseId,
            Usage = response.Usage,
        };
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            if (update.FinishReason is null)
            {
                yield return update;
                continue;
            }

            var copy = update.Clone();
            copy.AdditionalProperties = Merge(update.AdditionalProperties, null);
            Describe(copy.AdditionalProperties, update.ResponseId, update.CreatedAt, update.FinishReason);
            yield return copy;
        }
    }

    private static AdditionalPropertiesDictionary Merge(AdditionalPropertiesDictionary? first, AdditionalPropertiesDictionary? second)
    {
        var merged = first is null ? [] : new AdditionalPropertiesDictionary(first);
        foreach (var (key, value) in second ?? [])
        {
            merged[key] = value;
        }

        return merged;
    }

    private static void Describe(
        AdditionalPropertiesDictionary properties, string? id, DateTimeOffset? createdAt, ChatFinishReason? finishReason)
    {
        properties[KernelMetadata.Id] = id;
        properties[KernelMetadata.CreatedAt] = createdAt;
        properties[KernelMetadata.FinishReason] = finishReason?.Value;
    }
}
