using System.Globalization;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;

namespace ZoPrune.AI.SemanticKernel.Pipeline;

/// <summary>Refuses what the conversion of a history to chat messages would drop or fail on without a word of where.</summary>
internal static class ChatHistoryCheck
{
    /// <exception cref="ArgumentException">An image or other content is empty, or bytes come without a media type.</exception>
    /// <exception cref="NotSupportedException">A kind of content that cannot be converted.</exception>
    public static void Check(ChatHistory history)
    {
        for (var i = 0; i < history.Count; i++)
        {
            Check(history[i], string.Create(CultureInfo.InvariantCulture, $"message {i}"));
        }
    }

    /// <inheritdoc cref="Check(ChatHistory)"/>
    public static void Check(ChatMessageContent message, string place)
    {
        for (var i = 0; i < message.Items.Count; i++)
        {
            Check(message.Items[i], string.Create(CultureInfo.InvariantCulture, $"{place}, item {i}"));
        }
    }

#pragma warning disable SKEXP0001, SKEXP0110 // Experimental, but histories hold them: BinaryContent, ReasoningContent.
    private static void Check(KernelContent item, string place)
    {
        switch (item)
        {
            case BinaryContent { CanRead: true, MimeType: null } binary:
                throw new ArgumentException(
                    $"The {binary.GetType().Name} at {place} has bytes but no MimeType; if the kind of image is not known, say "
                    + "\"image/*\".");
            case BinaryContent { CanRead: false, Uri: null } binary:
                throw new ArgumentException($"The {binary.GetType().Name} at {place} is empty: it has neither bytes nor an address.");
            case BinaryContent or TextContent or FunctionCallContent or FunctionResultContent:
                break;
            case ReasoningContent:
                // Thoughts of an earlier answer are no part of a prompt.
                break;
            default:
                throw new NotSupportedException(
                    $"The model cannot take {item.GetType().Name} ({place}). It takes text and images, and the calls and results of "
                    + "functions.");
        }
    }
#pragma warning restore SKEXP0001, SKEXP0110
}
