using ZoPrune.AI.Caching;
using ZoPrune.AI.Onnx;

namespace ZoPrune.AI.Generation;

/// <summary>An open folder that all clients of the process share. The registry's lock guards it.</summary>
/// <param name="key">Where the registry has it.</param>
/// <param name="loading">Opens it.</param>
internal sealed class SharedModel((ModelKey, string) key, Task<VisionLanguageModel> loading)
{
    private readonly Dictionary<CacheLimits, (ModelCaches Caches, int Users)> _caches = [];
    private EstimatorCache? _estimators;

    public (ModelKey, string) Key => key;

    public Task<VisionLanguageModel> Loading => loading;

    /// <summary>How many sources use it.</summary>
    public int Users { get; set; }

    /// <summary>The loaded model for a user with these bounds.</summary>
    public LoadedModel Enter(CacheLimits limits)
    {
        var model = loading.Result;
        _estimators ??= new EstimatorCache((method, options) => model.CreateEstimator(method, options));
        var (caches, users) = _caches.TryGetValue(limits, out var known) ? known : (new ModelCaches(model, limits), 0);
        _caches[limits] = (caches, users + 1);
        return new LoadedModel(this, model, _estimators, caches, limits);
    }

    /// <returns>The caches to be freed, if this was their last user.</returns>
    public ModelCaches? Leave(CacheLimits limits)
    {
        var (caches, users) = _caches[limits];
        if (users > 1)
        {
            _caches[limits] = (caches, users - 1);
            return null;
        }

        _caches.Remove(limits);
        return caches;
    }
}
