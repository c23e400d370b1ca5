using System.Globalization;
using Microsoft.Extensions.Options;
using ZoPrune.AI.Content;

namespace ZoPrune.AI.Configuration;

/// <summary>Checks options and says, for everything that is wrong, which option it is and what it may be.</summary>
internal sealed class ZoPruneOptionsValidator : IValidateOptions<ZoPruneOptions>
{
    private const string ConfigurationFile = "genai_config.json";
    private const string HuggingFaceConfigurationFile = "config.json";

    public ValidateOptionsResult Validate(string? name, ZoPruneOptions options)
    {
        var failures = new List<string>();
        CheckModelPath(options, failures);
        CheckPruning(options, failures);
        CheckRange(failures, nameof(options.Threads), options.Threads ?? 1, 1, 1024);
        CheckImages(options.Images, failures);
        CheckContentAccess(options.ContentAccess, failures);
        CheckCaching(options.Caching, failures);
        return failures.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(string.IsNullOrEmpty(name) ? failures : failures.Select(f => $"Client '{name}': {f}"));
    }

    private static void CheckModelPath(ZoPruneOptions options, List<string> failures)
    {
        if (string.IsNullOrEmpty(options.ModelPath))
        {
            failures.Add(
                $"No model: set {nameof(ZoPruneOptions)}.{nameof(options.ModelPath)} (configuration key "
                + $"{ZoPruneOptions.SectionName}:{nameof(options.ModelPath)}) "
                + $"or the environment variable {ZoPruneOptions.ModelPathVariable} to a model folder in ONNX Runtime GenAI's format or the transformers.js layout, "
                + "or reference the package ZoPrune.AI.PocketVlm, which bundles a small model.");
        }
        else if (options.ModelPath.Contains('\0', StringComparison.Ordinal))
        {
            failures.Add($"{nameof(options.ModelPath)} has a null character in it, which no path has.");
        }
        else if (File.Exists(options.ModelPath))
        {
            failures.Add(
                $"{nameof(options.ModelPath)}: '{options.ModelPath}' is a file, not a folder; name the folder that holds "
                + $"{ConfigurationFile} and the graphs.");
        }
        else if (!Directory.Exists(options.ModelPath))
        {
            failures.Add(
                $"{nameof(options.ModelPath)}: the folder '{options.ModelPath}' does not exist (full path "
                + $"'{Path.GetFullPath(options.ModelPath)}').");
        }
        else if (!File.Exists(Path.Combine(options.ModelPath, ConfigurationFile))
            && !File.Exists(Path.Combine(options.ModelPath, HuggingFaceConfigurationFile)))
        {
            failures.Add(
                $"{nameof(options.ModelPath)}: the folder '{options.ModelPath}' has neither {ConfigurationFile} (ONNX Runtime GenAI) nor "
                + $"{HuggingFaceConfigurationFile} (transformers.js layout); it is not a model folder.");
        }
    }

    private static void CheckPruning(ZoPruneOptions options, List<string> failures)
    {
        if (PruningSettings.FindFault(options.KeepRatio, options.MinVisualTokens, options.MaxVisualTokens) is { } fault)
        {
            failures.Add(fault);
        }

        CheckRange(failures, nameof(options.EstimatorDirections), options.EstimatorDirections, 1, 4096);
        if (!(options.EstimatorStep > 0 && options.EstimatorStep <= 1))
        {
            failures.Add(Invariant(
                $"{nameof(options.EstimatorStep)} is {options.EstimatorStep}; it must be above 0 and at most 1 (published: 0.01)."));
        }

        CheckDefined(failures, nameof(options.Estimator), options.Estimator);
        CheckDefined(failures, nameof(options.Selector), options.Selector);
        CheckDefined(failures, nameof(options.CosineSpace), options.CosineSpace);
        CheckDefined(failures, nameof(options.PositionPolicy), options.PositionPolicy);
    }

    private static void CheckImages(ImageOptions? images, List<string> failures)
    {
        if (images is null)
        {
            failures.Add($"{nameof(ZoPruneOptions.Images)} is null; leave it as it is or set its limits.");
            return;
        }

        const string prefix = nameof(ZoPruneOptions.Images) + ".";
        CheckRange(failures, prefix + nameof(images.MaxBytes), images.MaxBytes, 1, int.MaxValue);
        CheckRange(failures, prefix + nameof(images.MaxSide), images.MaxSide, 1, ushort.MaxValue);
        CheckRange(failures, prefix + nameof(images.MaxPixels), images.MaxPixels, 1, int.MaxValue);
        CheckRange(failures, prefix + nameof(images.MaxCount), images.MaxCount, 1, int.MaxValue);
        CheckRange(failures, prefix + nameof(images.MaxConcurrency), images.MaxConcurrency, 1, int.MaxValue);
        if (images.Orientation is { } orientation)
        {
            CheckDefined(failures, prefix + nameof(images.Orientation), orientation);
        }
    }

    private static void CheckContentAccess(ContentAccessOptions? access, List<string> failures)
    {
        if (access is null)
        {
            failures.Add($"{nameof(ZoPruneOptions.ContentAccess)} is null; leave it as it is or set what it allows.");
            return;
        }

        const string prefix = nameof(ZoPruneOptions.ContentAccess) + ".";
        CheckRange(failures, prefix + nameof(access.MaxBytes), access.MaxBytes, 1, int.MaxValue);
        CheckRange(failures, prefix + nameof(access.MaxRedirects), access.MaxRedirects, 0, 20);
        if (access.Timeout <= TimeSpan.Zero || access.Timeout > TimeSpan.FromHours(1))
        {
            failures.Add($"{prefix}{nameof(access.Timeout)} is {access.Timeout:c}; it must be above zero and at most one hour.");
        }

        foreach (var origin in access.AllowedOrigins ?? [])
        {
            if (!AllowedOrigin.TryParse(origin, out _))
            {
                failures.Add(
                    $"{prefix}{nameof(access.AllowedOrigins)}: '{origin}' is no origin. Write a scheme, a host and, if it is not the "
                    + "scheme's own, a port, without a path: "
                    + "'https://images.example.com', 'http://localhost:8080' or 'https://*.example.com'.");
            }
        }

        foreach (var directory in access.AllowedDirectories ?? [])
        {
            if (!Path.IsPathFullyQualified(directory ?? string.Empty))
            {
                failures.Add($"{prefix}{nameof(access.AllowedDirectories)}: '{directory}' is no absolute path.");
            }
            else if (directory!.Contains('\0', StringComparison.Ordinal))
            {
                failures.Add($"{prefix}{nameof(access.AllowedDirectories)}: a path has a null character in it, which no path has.");
            }
        }
    }

    private static void CheckCaching(CachingOptions? caching, List<string> failures)
    {
        if (caching is null)
        {
            failures.Add($"{nameof(ZoPruneOptions.Caching)} is null; leave it as it is or set its bounds (0: nothing is kept).");
            return;
        }

        const string prefix = nameof(ZoPruneOptions.Caching) + ".";
        CheckRange(failures, prefix + nameof(caching.VisionFeatureBytes), caching.VisionFeatureBytes, 0, long.MaxValue);
        CheckRange(failures, prefix + nameof(caching.KeyValueBytes), caching.KeyValueBytes, 0, long.MaxValue);
    }

    private static void CheckRange(List<string> failures, string option, long value, long least, long most)
    {
        if (value < least || value > most)
        {
            failures.Add(Invariant($"{option} is {value}; it must be {(most == long.MaxValue ? $"at least {least}" : $"between {least} and {most}")}."));
        }
    }

    private static void CheckDefined<T>(List<string> failures, string option, T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
        {
            failures.Add($"{option} is {value}; it must be one of {string.Join(", ", Enum.GetNames<T>())}.");
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
