using ZoPrune.AI.Caching;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Generation;

/// <summary>A user's part of an open model, and what is made once for it.</summary>
internal sealed record LoadedModel(
    SharedModel Shared, VisionLanguageModel Model, EstimatorCache Estimators, ModelCaches Caches, CacheLimits Limits);
