using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using ZoPrune.AI.Diagnostics;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI;

/// <summary>Reads what a <see cref="ZoPruneChatClient"/> says of its work from its answers.</summary>
public static class ZoPruneChatResponseExtensions
{
    /// <summary>What was pruned for this answer, image by image, in the order of the request.</summary>
    /// <param name="response">The answer.</param>
    /// <returns>The report, without images for a call of text alone; <see langword="null"/> if the answer is not one of a <see cref="ZoPruneChatClient"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="response"/> is <see langword="null"/>.</exception>
    public static PruningReport? GetPruningReport(this ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return Read(response.AdditionalProperties, ZoPruneUsage.PruningReport, ReportJsonContext.Default.PruningReport);
    }

    /// <summary>What was pruned for this answer; the last update of a stream carries it.</summary>
    /// <param name="update">An update.</param>
    /// <returns>The report, or <see langword="null"/> if the update carries none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="update"/> is <see langword="null"/>.</exception>
    public static PruningReport? GetPruningReport(this ChatResponseUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        return Read(update.AdditionalProperties, ZoPruneUsage.PruningReport, ReportJsonContext.Default.PruningReport);
    }

    /// <summary>Where the time of this answer went.</summary>
    /// <param name="response">The answer.</param>
    /// <returns>The times; <see langword="null"/> if the answer is not one of a <see cref="ZoPruneChatClient"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="response"/> is <see langword="null"/>.</exception>
    public static StageTimes? GetStageTimes(this ChatResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);
        return Read(response.AdditionalProperties, ZoPruneUsage.StageTimes, ReportJsonContext.Default.StageTimes);
    }

    /// <summary>Where the time of this answer went; the last update of a stream carries it.</summary>
    /// <param name="update">An update.</param>
    /// <returns>The times, or <see langword="null"/> if the update carries none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="update"/> is <see langword="null"/>.</exception>
    public static StageTimes? GetStageTimes(this ChatResponseUpdate update)
    {
        ArgumentNullException.ThrowIfNull(update);
        return Read(update.AdditionalProperties, ZoPruneUsage.StageTimes, ReportJsonContext.Default.StageTimes);
    }

    // An answer that comes back from a cache or a wire holds JSON.
    private static T? Read<T>(AdditionalPropertiesDictionary? properties, string key, JsonTypeInfo<T> type)
        where T : class =>
        properties?.GetValueOrDefault(key) switch
        {
            T value => value,
            JsonElement { ValueKind: JsonValueKind.Object } json => json.Deserialize(type),
            _ => null,
        };
}
