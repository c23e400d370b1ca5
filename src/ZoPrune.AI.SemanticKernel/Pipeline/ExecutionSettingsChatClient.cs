using System.Globalization;
using Microsoft.Extensions.AI;
using ZoPrune.AI.SemanticKernel.Settings;

namespace ZoPrune.AI.SemanticKernel.Pipeline;

/// <summary>
/// Reads our execution settings (<c>keep_ratio</c>, …) from the additional properties, where Semantic Kernel puts what it does not know,
/// and refuses settings whose values it could not convert. Around the client rather than the service, because prompts also reach it as an
/// <see cref="IChatClient"/>.
/// </summary>
internal sealed class ExecutionSettingsChatClient(IChatClient inner) : DelegatingChatClient(inner)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(messages, Translate(options), cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(messages, Translate(options), cancellationToken);

    /// <summary>The options with our settings where the client looks for them; the same instance if there is nothing to do.</summary>
    /// <exception cref="ArgumentException">A setting has a value that it cannot have, or is there twice.</exception>
    internal static ChatOptions? Translate(ChatOptions? options)
    {
        if (options?.AdditionalProperties is not { } given || !given.Keys.Any(k => IsOurs(k) || IsStandard(k)))
        {
            return options;
        }

        var translated = options.Clone();
        var properties = translated.AdditionalProperties = new AdditionalPropertiesDictionary(given);
        foreach (var (setting, value) in given)
        {
            if (StandardSettings.TryGetExpected(setting, out var expected))
            {
                properties.Remove(setting);
                if (value is not null)
                {
                    Convert(translated, setting, value, expected);
                }
            }
            else if (PruningSettingNames.TryGetKey(setting, out var key))
            {
                properties.Remove(setting);
                if (value is not null)
                {
                    Move(properties, setting, key, value);
                }
            }
        }

        return translated;
    }

    private static bool IsOurs(string setting) => PruningSettingNames.TryGetKey(setting, out _);

    private static bool IsStandard(string setting) => StandardSettings.TryGetExpected(setting, out _);

    private static void Convert(ChatOptions options, string setting, object value, string expected)
    {
        if (setting.Equals(StandardSettings.StopSequences, StringComparison.OrdinalIgnoreCase)
            && StandardSettings.ReadTexts(value) is { } texts)
        {
            options.StopSequences = texts;
            return;
        }

        throw new ArgumentException(string.Create(
            CultureInfo.InvariantCulture,
            $"The execution setting '{setting}' is '{value}' ({value.GetType().Name}); it must be {expected}."));
    }

    private static void Move(AdditionalPropertiesDictionary properties, string setting, string key, object value)
    {
        if (properties.ContainsKey(key))
        {
            throw new ArgumentException($"The execution setting '{setting}' is there twice, as '{setting}' and as '{key}'.");
        }

        properties[key] = value;
        try
        {
            // Read alone, so that what is wrong is known by the name under which it was set.
            _ = new ChatOptions { AdditionalProperties = new() { [key] = value } }.GetPruning();
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException($"The execution setting '{setting}' cannot be used. {e.Message}", e);
        }
    }
}
