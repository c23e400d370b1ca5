using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using FunctionResultContent = Microsoft.Extensions.AI.FunctionResultContent;

namespace ZoPrune.AI.SemanticKernel.Pipeline;

/// <summary>
/// Turns what kernel functions return as Semantic Kernel's content (a picture as <see cref="ImageContent"/>) into content that the client
/// sees: it would go into the prompt as the JSON of an object otherwise, the bytes of the picture as text.
/// </summary>
internal sealed class FunctionResultsChatClient(IChatClient inner) : DelegatingChatClient(inner)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(Translate(messages), options, cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(Translate(messages), options, cancellationToken);

    private static List<ChatMessage> Translate(IEnumerable<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return [.. messages.Select(m => m?.Contents.Any(IsOfKernel) == true ? Translate(m) : m!)];
    }

    private static bool IsOfKernel(AIContent content) =>
        content is FunctionResultContent { Result: KernelContent or IEnumerable<KernelContent> };

    private static ChatMessage Translate(ChatMessage message)
    {
        // A copy: the history is the caller's.
        var copy = message.Clone();
        copy.Contents = [.. message.Contents.Select(c => IsOfKernel(c) ? Translate((FunctionResultContent)c) : c)];
        return copy;
    }

    private static FunctionResultContent Translate(FunctionResultContent content)
    {
        ChatMessageContentItemCollection items = [];
        foreach (var result in content.Result is KernelContent one ? [one] : (IEnumerable<KernelContent>)content.Result!)
        {
            if (result is ChatMessageContent answer)
            {
                foreach (var item in answer.Items)
                {
                    items.Add(item);
                }
            }
            else
            {
                items.Add(result);
            }
        }

        var contents = new ChatMessageContent(AuthorRole.Tool, items);
        ChatHistoryCheck.Check(contents, $"the result of the call '{content.CallId}'");
#pragma warning disable SKEXP0001 // Experimental, but the only public conversion; the adapter uses it for everything else.
        return new FunctionResultContent(content.CallId, contents.ToChatMessage().Contents);
#pragma warning restore SKEXP0001
    }
}
