using ZoPrune.AI.Benchmarks.Reporting;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Models;

/// <summary>What was measured of a model.</summary>
/// <param name="Model">The model.</param>
/// <param name="Samples">What the rounds measured, by the names of <see cref="Measures"/>.</param>
/// <param name="PromptTokens">The length of the prompt for each budget.</param>
/// <param name="BytesPerToken">Managed bytes that are allocated for a decoded token, this library's own sessions generating;
/// <c>null</c> if the model is not measured that far.</param>
internal sealed record ModelResult(
    ModelCase Model, RoundSamples Samples, IReadOnlyDictionary<int, int> PromptTokens, double? BytesPerToken);
