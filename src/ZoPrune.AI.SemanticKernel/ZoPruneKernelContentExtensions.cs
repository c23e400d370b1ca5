using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.SemanticKernel;

/// <summary>Reads what the client says of its work from the metadata of Semantic Kernel's results.</summary>
public static class ZoPruneKernelContentExtensions
{
    /// <summary>What was pruned for this answer, image by image, in the order of the request.</summary>
    /// <param name="content">An answer of the chat completion service.</param>
    /// <returns>The report, without images for a call of text alone; <see langword="null"/> if the content carries none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="content"/> is <see langword="null"/>.</exception>
    public static PruningReport? GetPruningReport(this KernelContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return ToResponse(content.Metadata).GetPruningReport();
    }

    /// <summary>What was pruned for this answer; the last part of a stream carries it.</summary>
    /// <param name="content">A part of a stream.</param>
    /// <returns>The report, or <see langword="null"/> if the part carries none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="content"/> is <see langword="null"/>.</exception>
    public static PruningReport? GetPruningReport(this StreamingKernelContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return ToResponse(content.Metadata).GetPruningReport();
    }

    /// <summary>What was pruned for the answer to a prompt function.</summary>
    /// <param name="result">The result of the function.</param>
    /// <returns>The report, or <see langword="null"/> if the result carries none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="result"/> is <see langword="null"/>.</exception>
    public static PruningReport? GetPruningReport(this FunctionResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return ToResponse(result.Metadata).GetPruningReport();
    }

    /// <summary>Where the time of this answer went.</summary>
    /// <param name="content">An answer of the chat completion service.</param>
    /// <returns>The times, or <see langword="null"/> if the content carries none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="content"/> is <see langword="null"/>.</exception>
    public static StageTimes? GetStageTimes(this KernelContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return ToResponse(content.Metadata).GetStageTimes();
    }

    /// <summary>Where the time of this answer went; the last part of a stream carries it.</summary>
    /// <param name="content">A part of a stream.</param>
    /// <returns>The times, or <see langword="null"/> if the part carries none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="content"/> is <see langword="null"/>.</exception>
    public static StageTimes? GetStageTimes(this StreamingKernelContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return ToResponse(content.Metadata).GetStageTimes();
    }

    /// <summary>Where the time of the answer to a prompt function went.</summary>
    /// <param name="result">The result of the function.</param>
    /// <returns>The times, or <see langword="null"/> if the result carries none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="result"/> is <see langword="null"/>.</exception>
    public static StageTimes? GetStageTimes(this FunctionResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return ToResponse(result.Metadata).GetStageTimes();
    }

    // As a response, so that what comes back from a cache or a stored history as JSON is read here too.
    private static ChatResponse ToResponse(IReadOnlyDictionary<string, object?>? metadata) =>
        new() { AdditionalProperties = metadata is null ? null : new AdditionalPropertiesDictionary(metadata) };
}
