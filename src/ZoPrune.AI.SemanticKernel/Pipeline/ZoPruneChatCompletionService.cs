using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using ZoPrune.AI.SemanticKernel.Settings;

namespace ZoPrune.AI.SemanticKernel.Pipeline;

/// <summary>
/// Semantic Kernel's adapter around our client, behind a check: the adapter silently leaves out content and response formats that it does
/// not know.
/// </summary>
internal sealed class ZoPruneChatCompletionService(IChatCompletionService adapter) : IChatCompletionService
{
    public IReadOnlyDictionary<string, object?> Attributes => adapter.Attributes;

    public Task<IReadOnlyList<ChatMessageContent>> GetChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        CancellationToken cancellationToken = default)
    {
        Check(chatHistory, executionSettings);
        return adapter.GetChatMessageContentsAsync(chatHistory, executionSettings, kernel, cancellationToken);
    }

    public IAsyncEnumerable<StreamingChatMessageContent> GetStreamingChatMessageContentsAsync(
        ChatHistory chatHistory,
        PromptExecutionSettings? executionSettings = null,
        Kernel? kernel = null,
        CancellationToken cancellationToken = default)
    {
        Check(chatHistory, executionSettings);
        return adapter.GetStreamingChatMessageContentsAsync(chatHistory, executionSettings, kernel, cancellationToken);
    }

    private static void Check(ChatHistory chatHistory, PromptExecutionSettings? executionSettings)
    {
        ArgumentNullException.ThrowIfNull(chatHistory);
        ChatHistoryCheck.Check(chatHistory);
        ResponseFormatSetting.Check(executionSettings);
        StandardSettings.CheckWholeNumbers(executionSettings);
    }
}
