using System.Text.Json;
using Microsoft.SemanticKernel;

namespace ZoPrune.AI.SemanticKernel.Settings;

/// <summary>The setting <c>response_format</c>: Semantic Kernel reads a value that it does not know as no format at all.</summary>
internal static class ResponseFormatSetting
{
    public const string Text = "text";
    public const string JsonObject = "json_object";

    /// <exception cref="ArgumentException">The format is none of those that are understood.</exception>
    public static void Check(PromptExecutionSettings? settings)
    {
        var value = settings is ZoPrunePromptExecutionSettings { ResponseFormat: { } format } ? format : Find(settings?.ExtensionData);
        if (!IsKnown(value))
        {
            throw new ArgumentException(
                $"The execution setting '{StandardSettings.ResponseFormat}' is '{value}' ({value!.GetType().Name}); it must be '{Text}', "
                + $"'{JsonObject}' or a JSON schema as a JsonElement (ZoPrunePromptExecutionSettings.ResponseFormat also takes a Type).");
        }
    }

    private static object? Find(IDictionary<string, object>? settings) =>
        settings?.FirstOrDefault(s => s.Key.Equals(StandardSettings.ResponseFormat, StringComparison.OrdinalIgnoreCase)).Value;

    private static bool IsKnown(object? value) => value switch
    {
        null => true,
        string text => text is Text or JsonObject,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString() is Text or JsonObject,
        JsonElement { ValueKind: JsonValueKind.Object or JsonValueKind.Null } => true,
        _ => false,
    };
}
