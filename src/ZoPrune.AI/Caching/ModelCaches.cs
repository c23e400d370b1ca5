using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Caching;

/// <summary>What is kept of one model's calls, within one set of bounds.</summary>
internal sealed class ModelCaches(VisionLanguageModel model, CacheLimits limits) : IDisposable
{
    public string ModelId => model.ModelId;

    /// <summary>Pictures.</summary>
    public VisionCache Vision { get; } = new(limits.VisionFeatureBytes);

    /// <summary>Conversations.</summary>
    public SequencePool Sequences { get; } = model.CreateSequencePool(limits.KeyValueBytes);

    public void Dispose()
    {
        Sequences.Dispose();
        Vision.Clear();
    }
}
