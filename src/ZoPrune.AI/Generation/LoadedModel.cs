using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Generation;

/// <summary>An open model and what is made once for it.</summary>
internal sealed record LoadedModel(VisionLanguageModel Model, EstimatorCache Estimators);
