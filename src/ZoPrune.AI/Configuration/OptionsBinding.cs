using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Text.Tools;

namespace ZoPrune.AI.Configuration;

/// <summary>Reads options from a configuration section. What it does not know is an error: else a misspelt key would do nothing.</summary>
internal static class OptionsBinding
{
    private static readonly Dictionary<string, string[]> Sections = new(StringComparer.OrdinalIgnoreCase)
    {
        [nameof(ZoPruneOptions.Images)] =
        [
            nameof(ImageOptions.MaxBytes),
            nameof(ImageOptions.MaxSide),
            nameof(ImageOptions.MaxPixels),
            nameof(ImageOptions.MaxCount),
            nameof(ImageOptions.MaxConcurrency),
            nameof(ImageOptions.Orientation),
        ],
        [nameof(ZoPruneOptions.Variants)] =
        [
            nameof(GraphVariants.Vision),
            nameof(GraphVariants.Embedding),
            nameof(GraphVariants.Decoder),
        ],
        [nameof(ZoPruneOptions.Caching)] =
        [
            nameof(CachingOptions.VisionFeatureBytes),
            nameof(CachingOptions.KeyValueBytes),
        ],
        [LanguageModelBackends.OnnxRuntimeGenAI] = [LanguageModelBackends.ExecutionProvider],
        [nameof(ZoPruneOptions.ContentAccess)] =
        [
            nameof(ContentAccessOptions.AllowedOrigins),
            nameof(ContentAccessOptions.AllowedDirectories),
            nameof(ContentAccessOptions.MaxBytes),
            nameof(ContentAccessOptions.Timeout),
            nameof(ContentAccessOptions.MaxRedirects),
        ],
    };

    private static readonly string[] Lists = [nameof(ContentAccessOptions.AllowedOrigins), nameof(ContentAccessOptions.AllowedDirectories)];

    private static readonly string[] Names =
    [
        nameof(ZoPruneOptions.ModelPath),
        nameof(ZoPruneOptions.KeepRatio),
        nameof(ZoPruneOptions.MaxVisualTokens),
        nameof(ZoPruneOptions.MinVisualTokens),
        nameof(ZoPruneOptions.Estimator),
        nameof(ZoPruneOptions.EstimatorDirections),
        nameof(ZoPruneOptions.EstimatorStep),
        nameof(ZoPruneOptions.Selector),
        nameof(ZoPruneOptions.CosineSpace),
        nameof(ZoPruneOptions.Seed),
        nameof(ZoPruneOptions.PositionPolicy),
        nameof(ZoPruneOptions.ProjectorInput),
        nameof(ZoPruneOptions.Variants),
        nameof(ZoPruneOptions.SplitImages),
        nameof(ZoPruneOptions.Threads),
        nameof(ZoPruneOptions.ToolCallFormat),
        nameof(ZoPruneOptions.LanguageModel),
        LanguageModelBackends.OnnxRuntimeGenAI,
        nameof(ZoPruneOptions.Images),
        nameof(ZoPruneOptions.ContentAccess),
        nameof(ZoPruneOptions.Caching),
        nameof(ZoPruneOptions.IncludeSensitivities),
        nameof(ZoPruneOptions.LogSensitiveData),
    ];

    /// <param name="configuration">The section; one that does not exist changes nothing.</param>
    /// <param name="options">The options to change.</param>
    /// <param name="name">The name of the options, for the error.</param>
    /// <exception cref="OptionsValidationException">A key is unknown, or a value is none that its option can have.</exception>
    public static void Bind(IConfiguration configuration, ZoPruneOptions options, string name)
    {
        var failures = new List<string>();
        CheckKeys(configuration, Names, failures);
        if (failures.Count == 0)
        {
            try
            {
                // The generated binder cannot make formats and language models, and passes them over.
                configuration.Bind(options);
                BindNamed(configuration, nameof(options.ToolCallFormat), failures, name => options.ToolCallFormat = ToolCallFormats.Named(name));
                BindLanguageModel(configuration, options, failures);
                if (failures.Count == 0)
                {
                    return;
                }
            }
            catch (InvalidOperationException e)
            {
                failures.Add($"{PathOf(configuration)}: {e.Message}{(e.InnerException is { } inner ? " " + inner.Message : string.Empty)}");
            }
        }

        throw new OptionsValidationException(name, typeof(ZoPruneOptions), failures);
    }

    private static void BindLanguageModel(IConfiguration configuration, ZoPruneOptions options, List<string> failures)
    {
        var settings = configuration.GetSection(LanguageModelBackends.OnnxRuntimeGenAI);
        BindNamed(
            configuration,
            nameof(options.LanguageModel),
            failures,
            name => options.LanguageModel = LanguageModelBackends.Named(name, settings[LanguageModelBackends.ExecutionProvider]));

        // A layer of configuration that takes the choice back cannot remove the settings of the layer below.
        var isTakenBack = LanguageModelBackends.Own.Equals(configuration[nameof(options.LanguageModel)], StringComparison.OrdinalIgnoreCase);
        if (!isTakenBack && options.LanguageModel?.Name != LanguageModelBackends.OnnxRuntimeGenAI && settings.GetChildren().Any())
        {
            failures.Add(
                $"{PathOf(configuration)}: {LanguageModelBackends.OnnxRuntimeGenAI} has settings, but {nameof(options.LanguageModel)} is not {LanguageModelBackends.OnnxRuntimeGenAI} there. Set both in configuration, or both in code.");
        }
    }

    private static void BindNamed(IConfiguration configuration, string key, List<string> failures, Action<string> bind)
    {
        try
        {
            if (configuration[key] is { Length: > 0 } name)
            {
                bind(name);
            }
        }
        catch (ArgumentException e)
        {
            failures.Add($"{PathOf(configuration)}: {key}: {e.Message}");
        }
    }

    private static void CheckKeys(IConfiguration configuration, string[] known, List<string> failures)
    {
        // The value itself is not repeated: it may be anything.
        if (configuration is IConfigurationSection { Value.Length: > 0 } scalar)
        {
            failures.Add($"{PathOf(scalar)} has a value; it must be a section with the keys {string.Join(", ", known)}.");
        }

        foreach (var child in configuration.GetChildren())
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                failures.Add($"{PathOf(configuration)} has the unknown key '{child.Key}'; known are {string.Join(", ", known)}."
                    + (child.Key.Equals(ZoPruneOptions.SectionName, StringComparison.OrdinalIgnoreCase) ? $" Give the section '{child.Path}' itself, not its parent." : ""));
            }
            else if (Sections.TryGetValue(child.Key, out var below))
            {
                CheckKeys(child, below, failures);
            }
            else if (Lists.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                CheckList(child, failures);
            }
            else if (child.GetChildren().Any())
            {
                failures.Add($"{child.Path} is a section; it must be a single value.");
            }
        }
    }

    private static void CheckList(IConfigurationSection list, List<string> failures)
    {
        if (!string.IsNullOrEmpty(list.Value))
        {
            failures.Add($"{list.Path} has a single value; it must be a list ({list.Path}:0, {list.Path}:1, …).");
        }
    }

    private static string PathOf(IConfiguration configuration) =>
        configuration is IConfigurationSection section ? $"The configuration section '{section.Path}'" : "The configuration";
}
