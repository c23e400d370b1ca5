using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Configuration;

/// <summary>Pruning overrides as plain values of <see cref="ChatOptions.AdditionalProperties"/>.</summary>
internal static class PruningProperties
{
    private const string Prefix = "ZoPrune.";

    private static readonly string[] Names =
    [
        nameof(PruningOverrides.KeepRatio),
        nameof(PruningOverrides.MaxVisualTokens),
        nameof(PruningOverrides.MinVisualTokens),
        nameof(PruningOverrides.Estimator),
        nameof(PruningOverrides.Selector),
        nameof(PruningOverrides.CosineSpace),
        nameof(PruningOverrides.Seed),
        nameof(PruningOverrides.PositionPolicy),
        nameof(PruningOverrides.IncludeSensitivities),
    ];

    // What an answer carries. Its properties may be put into the next call's options: what they say is no setting.
    private static readonly string[] Reports =
    [
        ZoPruneUsage.PruningReport,
        ZoPruneUsage.StageTimes,
        ZoPruneUsage.UsedPositionPolicy,
        ZoPruneUsage.UsedLanguageModel,
        ZoPruneUsage.VisualTokens,
        ZoPruneUsage.VisualTokensKept,
    ];

    /// <exception cref="ArgumentException">A value has the wrong type, or a key is unknown.</exception>
    public static PruningOverrides? Read(AdditionalPropertiesDictionary? properties)
    {
        if (properties is null || !properties.Keys.Any(IsOurs))
        {
            return null;
        }

        // A misspelt key would otherwise be a setting that silently does nothing.
        if (properties.Keys.FirstOrDefault(
            k => IsOurs(k) && !Names.Contains(k[Prefix.Length..], StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw new ArgumentException(
                $"ChatOptions.AdditionalProperties has the unknown key '{unknown}'. Known are "
                + $"{string.Join(", ", Names.Select(n => Prefix + n))}.");
        }

        return new PruningOverrides
        {
            KeepRatio = ReadNumber(properties, nameof(PruningOverrides.KeepRatio)),
            MaxVisualTokens = ReadInteger(properties, nameof(PruningOverrides.MaxVisualTokens)),
            MinVisualTokens = ReadInteger(properties, nameof(PruningOverrides.MinVisualTokens)),
            Estimator = ReadEnum<SensitivityEstimation>(properties, nameof(PruningOverrides.Estimator)),
            Selector = ReadEnum<TokenSelection>(properties, nameof(PruningOverrides.Selector)),
            CosineSpace = ReadEnum<CosineSpace>(properties, nameof(PruningOverrides.CosineSpace)),
            Seed = ReadInteger(properties, nameof(PruningOverrides.Seed)),
            PositionPolicy = ReadEnum<PositionPolicy>(properties, nameof(PruningOverrides.PositionPolicy)),
            IncludeSensitivities = ReadFlag(properties, nameof(PruningOverrides.IncludeSensitivities)),
        };
    }

    /// <summary>The properties with the overrides in them: the same instance, or a new one where there was none.</summary>
    public static AdditionalPropertiesDictionary Write(PruningOverrides overrides, AdditionalPropertiesDictionary? properties)
    {
        properties ??= [];
        Set(nameof(overrides.KeepRatio), overrides.KeepRatio);
        Set(nameof(overrides.MaxVisualTokens), overrides.MaxVisualTokens);
        Set(nameof(overrides.MinVisualTokens), overrides.MinVisualTokens);
        Set(nameof(overrides.Estimator), overrides.Estimator?.ToString());
        Set(nameof(overrides.Selector), overrides.Selector?.ToString());
        Set(nameof(overrides.CosineSpace), overrides.CosineSpace?.ToString());
        Set(nameof(overrides.Seed), overrides.Seed);
        Set(nameof(overrides.PositionPolicy), overrides.PositionPolicy?.ToString());
        Set(nameof(overrides.IncludeSensitivities), overrides.IncludeSensitivities);
        return properties;

        void Set(string name, object? value)
        {
            if (value is null)
            {
                properties.Remove(Prefix + name);
            }
            else
            {
                properties[Prefix + name] = value;
            }
        }
    }

    private static bool IsOurs(string key) =>
        key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && !Reports.Contains(key, StringComparer.OrdinalIgnoreCase);

    private static bool TryGet(AdditionalPropertiesDictionary properties, string name, [NotNullWhen(true)] out object? value) =>
        properties.TryGetValue(Prefix + name, out value) && value is not (null or JsonElement { ValueKind: JsonValueKind.Null });

    private static double? ReadNumber(AdditionalPropertiesDictionary properties, string name)
    {
        if (!TryGet(properties, name, out var value))
        {
            return null;
        }

        return value switch
        {
            double number => number,
            // Through decimal: 0.25f and 0.1f mean what they say, not the nearest single-precision number.
            float number when float.IsFinite(number) && Math.Abs(number) < 1e6f => (double)(decimal)number,
            decimal number => (double)number,
            sbyte or byte or short or ushort or int or uint or long or ulong => Convert.ToDouble(value, CultureInfo.InvariantCulture),
            string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            JsonElement { ValueKind: JsonValueKind.Number } json => json.GetDouble(),
            JsonElement { ValueKind: JsonValueKind.String } json
                when double.TryParse(json.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw Wrong(name, value, "a number"),
        };
    }

    private static int? ReadInteger(AdditionalPropertiesDictionary properties, string name)
    {
        if (!TryGet(properties, name, out var value))
        {
            return null;
        }

        return value switch
        {
            sbyte or byte or short or ushort or int => Convert.ToInt32(value, CultureInfo.InvariantCulture),
            uint number and <= int.MaxValue => (int)number,
            long number and >= int.MinValue and <= int.MaxValue => (int)number,
            ulong number and <= int.MaxValue => (int)number,
            float number when float.IsInteger(number) && number is >= int.MinValue and < -(float)int.MinValue => (int)number,
            double number when double.IsInteger(number) && number is >= int.MinValue and <= int.MaxValue => (int)number,
            decimal number when decimal.IsInteger(number) && number is >= int.MinValue and <= int.MaxValue => (int)number,
            string text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
            JsonElement { ValueKind: JsonValueKind.Number } json when json.TryGetInt32(out var number) => number,
            JsonElement { ValueKind: JsonValueKind.String } json
                when int.TryParse(json.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw Wrong(name, value, "a 32-bit integer"),
        };
    }

    private static bool? ReadFlag(AdditionalPropertiesDictionary properties, string name)
    {
        if (!TryGet(properties, name, out var value))
        {
            return null;
        }

        return value switch
        {
            bool flag => flag,
            string text when bool.TryParse(text, out var flag) => flag,
            JsonElement { ValueKind: JsonValueKind.True } => true,
            JsonElement { ValueKind: JsonValueKind.False } => false,
            JsonElement { ValueKind: JsonValueKind.String } json when bool.TryParse(json.GetString(), out var flag) => flag,
            _ => throw Wrong(name, value, "true or false"),
        };
    }

    private static T? ReadEnum<T>(AdditionalPropertiesDictionary properties, string name)
        where T : struct, Enum
    {
        if (!TryGet(properties, name, out var value))
        {
            return null;
        }

        var text = value switch
        {
            T member when Enum.IsDefined(member) => member.ToString(),
            string written => written,
            JsonElement { ValueKind: JsonValueKind.String } json => json.GetString(),
            _ => null,
        };

        // Names only: Enum.Parse takes digits as well.
        return Enum.GetNames<T>().FirstOrDefault(n => string.Equals(n, text, StringComparison.OrdinalIgnoreCase)) is { } known
            ? Enum.Parse<T>(known)
            : throw Wrong(name, value, "one of " + string.Join(", ", Enum.GetNames<T>()));
    }

    private static ArgumentException Wrong(string name, object value, string expected) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"ChatOptions.AdditionalProperties[\"{Prefix}{name}\"] is '{value}' ({value.GetType().Name}); it must be {expected}."));
}
