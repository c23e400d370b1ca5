using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Generation;

/// <summary>The right of one call to use a model: it is not closed while the lease is held.</summary>
internal sealed class ModelLease(ModelSource source, LoadedModel loaded) : IDisposable
{
    private ModelSource? _source = source;

    public VisionLanguageModel Model => loaded.Model;

    public EstimatorCache Estimators => loaded.Estimators;

    public void Dispose() => Interlocked.Exchange(ref _source, null)?.Leave();
}
