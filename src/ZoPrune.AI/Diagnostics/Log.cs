using Microsoft.Extensions.Logging;

namespace ZoPrune.AI.Diagnostics;

/// <summary>
/// What the client writes to its log. Only the two messages of level Trace hold what was said, and they need <c>LogSensitiveData</c>.
/// </summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "The model {Model} is loaded ({Milliseconds:0} ms); {LanguageModel} generates.")]
    public static partial void ModelLoaded(ILogger logger, string model, double milliseconds, string languageModel);

    [LoggerMessage(2, LogLevel.Warning, "The model {Model} gives no sensitivities ({Reason}): its images are pruned by diversity alone.")]
    public static partial void NoSensitivity(ILogger logger, string model, string reason);

    [LoggerMessage(3, LogLevel.Debug, "Image {Image}: {Kept} of {Tokens} visual tokens stay.")]
    public static partial void ImagePruned(ILogger logger, int image, int tokens, int kept);

    [LoggerMessage(4, LogLevel.Debug, "Image {Image}: {Note}")]
    public static partial void PruningNote(ILogger logger, int image, string note);

    [LoggerMessage(
        5,
        LogLevel.Debug,
        "Prompt of {PromptTokens} tokens with {Kept} of {Tokens} visual tokens, {Cached} tokens known already, read in {Milliseconds:0} ms.")]
    public static partial void Prefilled(ILogger logger, int promptTokens, int kept, int tokens, int cached, double milliseconds);

    [LoggerMessage(
        6, LogLevel.Debug, "Answer of {OutputTokens} tokens, finished by {FinishReason}; first token after {Milliseconds:0} ms.")]
    public static partial void Answered(ILogger logger, int outputTokens, string finishReason, double milliseconds);

    [LoggerMessage(7, LogLevel.Debug, "A call was cancelled.")]
    public static partial void Cancelled(ILogger logger);

    [LoggerMessage(8, LogLevel.Error, "A call failed: {ErrorType}.")]
    public static partial void Failed(ILogger logger, string errorType);

    [LoggerMessage(9, LogLevel.Trace, "Prompt: {Prompt}")]
    public static partial void SensitivePrompt(ILogger logger, string prompt);

    [LoggerMessage(10, LogLevel.Trace, "Answer: {Answer}")]
    public static partial void SensitiveAnswer(ILogger logger, string answer);

    [LoggerMessage(11, LogLevel.Debug, "Image {Image} is known already: it is neither decoded nor encoded.")]
    public static partial void ImageCached(ILogger logger, int image);

    [LoggerMessage(12, LogLevel.Information, "Prompts of the model {Model} are always computed whole: {Reason}.")]
    public static partial void NoPrefixReuse(ILogger logger, string model, string reason);

    [LoggerMessage(
        13,
        LogLevel.Information,
        "A conversation with the model {Model} is larger than KeyValueBytes ({MaxBytes}): what goes beyond is computed anew at each turn.")]
    public static partial void ConversationTooLarge(ILogger logger, string model, long maxBytes);
}
