using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using ZoPrune.AI.SemanticKernel.Pipeline;

namespace ZoPrune.AI.SemanticKernel.Settings;

/// <summary>Reads settings of any type as ours, by the conversion to chat options that Semantic Kernel applies to them anyway.</summary>
internal static class ExecutionSettingsConversion
{
    // Settings that the conversion turns into members of chat options that ours do not have.
    private const string Instructions = "chat_system_prompt";
    private const string Effort = "reasoning_effort";

    /// <exception cref="ArgumentException">A setting has a value that it cannot have.</exception>
    public static ZoPrunePromptExecutionSettings Convert(PromptExecutionSettings settings)
    {
        ResponseFormatSetting.Check(settings);
        StandardSettings.CheckWholeNumbers(settings);

        // Functions need a kernel to be found; the choice itself is carried over below.
        var copy = settings.Clone();
        copy.FunctionChoiceBehavior = null;
        var options = ExecutionSettingsChatClient.Translate(copy.ToChatOptions(kernel: null))!;
        var pruning = options.GetPruning();
        return new ZoPrunePromptExecutionSettings
        {
            ServiceId = settings.ServiceId,
            ModelId = settings.ModelId,
            FunctionChoiceBehavior = settings.FunctionChoiceBehavior,
            ExtensionData = ReadOthers(options),
            Temperature = options.Temperature,
            TopP = options.TopP,
            TopK = options.TopK,
            MaxTokens = options.MaxOutputTokens,
            Seed = options.Seed,
            FrequencyPenalty = options.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty,
            StopSequences = options.StopSequences,
            ResponseFormat = options.ResponseFormat switch
            {
                ChatResponseFormatText => ResponseFormatSetting.Text,
                ChatResponseFormatJson { Schema: { } schema } => schema,
                ChatResponseFormatJson => ResponseFormatSetting.JsonObject,
                _ => null,
            },
            KeepRatio = pruning?.KeepRatio,
            MaxVisualTokens = pruning?.MaxVisualTokens,
            MinVisualTokens = pruning?.MinVisualTokens,
            Estimator = pruning?.Estimator,
            Selector = pruning?.Selector,
            CosineSpace = pruning?.CosineSpace,
            PruningSeed = pruning?.Seed,
            PositionPolicy = pruning?.PositionPolicy,
            IncludeSensitivities = pruning?.IncludeSensitivities,
        };
    }

    private static Dictionary<string, object>? ReadOthers(ChatOptions options)
    {
        var others = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in options.AdditionalProperties ?? [])
        {
            if (value is not null && !PruningSettingNames.IsKey(key))
            {
                others[key] = value;
            }
        }

        if (options.Instructions is { } instructions)
        {
            others[Instructions] = instructions;
        }

        if (options.Reasoning?.Effort is { } effort)
        {
            others[Effort] = effort == ReasoningEffort.ExtraHigh ? "xhigh" : effort.ToString();
        }

        return others.Count == 0 ? null : others;
    }
}
