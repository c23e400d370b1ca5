using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Microsoft.SemanticKernel;

namespace ZoPrune.AI.SemanticKernel.Settings;

/// <summary>
/// The settings that Semantic Kernel itself turns into chat options. One whose value it cannot convert it leaves among the additional
/// properties, where nobody would look at it.
/// </summary>
internal static class StandardSettings
{
    public const string Temperature = "temperature";
    public const string TopP = "top_p";
    public const string TopK = "top_k";
    public const string Seed = "seed";
    public const string MaxTokens = "max_tokens";
    public const string FrequencyPenalty = "frequency_penalty";
    public const string PresencePenalty = "presence_penalty";
    public const string StopSequences = "stop_sequences";
    public const string ResponseFormat = "response_format";

    private const string Number = "a number";
    private const string WholeNumber = "a whole number";

    private static readonly Dictionary<string, string> Expected = new(StringComparer.OrdinalIgnoreCase)
    {
        [Temperature] = Number,
        [TopP] = Number,
        [TopK] = WholeNumber,
        [Seed] = WholeNumber,
        [MaxTokens] = WholeNumber,
        [FrequencyPenalty] = Number,
        [PresencePenalty] = Number,
        [StopSequences] = "a list of texts",
    };

    /// <summary>What a value of the setting must be, if the setting is one of these.</summary>
    public static bool TryGetExpected(string setting, [NotNullWhen(true)] out string? expected) =>
        Expected.TryGetValue(setting, out expected);

    /// <summary>Semantic Kernel cuts a fraction off where a whole number is wanted.</summary>
    /// <exception cref="ArgumentException">A setting has a fraction that cannot have one.</exception>
    public static void CheckWholeNumbers(PromptExecutionSettings? settings)
    {
        foreach (var (setting, value) in settings?.ExtensionData ?? new Dictionary<string, object>())
        {
            if (TryGetExpected(setting, out var expected) && expected == WholeNumber && HasFraction(value))
            {
                throw new ArgumentException(string.Create(
                    CultureInfo.InvariantCulture, $"The execution setting '{setting}' is '{value}'; it must be {expected}."));
            }
        }
    }

    /// <summary>Lists of texts that are not typed as such: those that YAML gives.</summary>
    public static List<string>? ReadTexts(object? value) =>
        value is IEnumerable and not string && ((IEnumerable)value).Cast<object?>().ToArray() is var items && items.All(i => i is string)
            ? [.. items.Cast<string>()]
            : null;

    private static bool HasFraction(object? value) => value switch
    {
        double number => !double.IsInteger(number),
        float number => !float.IsInteger(number),
        decimal number => !decimal.IsInteger(number),
        JsonElement { ValueKind: JsonValueKind.Number } json => !json.TryGetInt64(out _),
        _ => false,
    };
}
