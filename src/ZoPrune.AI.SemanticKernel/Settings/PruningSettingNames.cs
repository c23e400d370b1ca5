using System.Diagnostics.CodeAnalysis;

namespace ZoPrune.AI.SemanticKernel.Settings;

/// <summary>
/// The names of our execution settings: for prompt files as they are usual there, and the keys of chat options behind them.
/// </summary>
internal static class PruningSettingNames
{
    public const string KeepRatio = "keep_ratio";
    public const string MaxVisualTokens = "max_visual_tokens";
    public const string MinVisualTokens = "min_visual_tokens";
    public const string Estimator = "estimator";
    public const string Selector = "selector";
    public const string CosineSpace = "cosine_space";
    public const string PruningSeed = "pruning_seed";
    public const string PositionPolicy = "position_policy";
    public const string IncludeSensitivities = "include_sensitivities";

    // Beside the names of prompt files those of the typed settings, which people write as well.
    private static readonly Dictionary<string, string> Keys = new(StringComparer.OrdinalIgnoreCase)
    {
        [KeepRatio] = KeyOf(nameof(PruningOverrides.KeepRatio)),
        [nameof(ZoPrunePromptExecutionSettings.KeepRatio)] = KeyOf(nameof(PruningOverrides.KeepRatio)),
        [MaxVisualTokens] = KeyOf(nameof(PruningOverrides.MaxVisualTokens)),
        [nameof(ZoPrunePromptExecutionSettings.MaxVisualTokens)] = KeyOf(nameof(PruningOverrides.MaxVisualTokens)),
        [MinVisualTokens] = KeyOf(nameof(PruningOverrides.MinVisualTokens)),
        [nameof(ZoPrunePromptExecutionSettings.MinVisualTokens)] = KeyOf(nameof(PruningOverrides.MinVisualTokens)),
        [Estimator] = KeyOf(nameof(PruningOverrides.Estimator)),
        [Selector] = KeyOf(nameof(PruningOverrides.Selector)),
        [CosineSpace] = KeyOf(nameof(PruningOverrides.CosineSpace)),
        [nameof(ZoPrunePromptExecutionSettings.CosineSpace)] = KeyOf(nameof(PruningOverrides.CosineSpace)),
        [PruningSeed] = KeyOf(nameof(PruningOverrides.Seed)),
        [nameof(ZoPrunePromptExecutionSettings.PruningSeed)] = KeyOf(nameof(PruningOverrides.Seed)),
        [PositionPolicy] = KeyOf(nameof(PruningOverrides.PositionPolicy)),
        [nameof(ZoPrunePromptExecutionSettings.PositionPolicy)] = KeyOf(nameof(PruningOverrides.PositionPolicy)),
        [IncludeSensitivities] = KeyOf(nameof(PruningOverrides.IncludeSensitivities)),
        [nameof(ZoPrunePromptExecutionSettings.IncludeSensitivities)] = KeyOf(nameof(PruningOverrides.IncludeSensitivities)),
    };

    /// <summary>Whether a setting is ours, and the key under which a call's chat options hold it: <c>ZoPrune.KeepRatio</c>.</summary>
    public static bool TryGetKey(string setting, [NotNullWhen(true)] out string? key) => Keys.TryGetValue(setting, out key);

    /// <summary>Whether a key of chat options is one of ours.</summary>
    public static bool IsKey(string key) => Keys.Values.Contains(key, StringComparer.OrdinalIgnoreCase);

    private static string KeyOf(string property) => "ZoPrune." + property;
}
