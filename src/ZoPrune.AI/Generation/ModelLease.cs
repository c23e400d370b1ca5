using ZoPrune.AI.Caching;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Generation;

/// <summary>The right of one call to use a model: it is not closed while the lease is held.</summary>
internal sealed class ModelLease(ModelSource source, LoadedModel loaded) : IDisposable
{
    private int _isGivenBack;

    public VisionLanguageModel Model => loaded.Model;

    public EstimatorCache Estimators => loaded.Estimators;

    public ModelCaches Caches => loaded.Caches;

    /// <summary>Whether it is still to be said that this model has no estimator; true once.</summary>
    public bool AnnounceMissingEstimator() => source.AnnounceMissingEstimator();

    /// <summary>Whether it is still to be said that this model's prompts are computed whole; true once.</summary>
    public bool AnnounceNoPrefixReuse() => source.AnnounceNoPrefixReuse();

    /// <summary>Whether it is still to be said that a conversation was too large to be kept whole; true once.</summary>
    public bool AnnounceOversized() => source.AnnounceOversized();

    /// <summary>Another lease of the same model, for work that may outlive this one.</summary>
    public ModelLease Share()
    {
        source.Retain();
        return new ModelLease(source, loaded);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isGivenBack, 1) == 0)
        {
            source.Leave();
        }
    }
}
