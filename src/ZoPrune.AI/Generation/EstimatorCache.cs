using System.Collections.Concurrent;
using ZoPrune.AI.Configuration;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Generation;

/// <summary>The sensitivity estimators of one model. Making one may cost a large matrix product, so they are kept.</summary>
internal sealed class EstimatorCache(VisionLanguageModel model)
{
    // Calls may bring any seed; what they leave behind must stay bounded.
    private const int Capacity = 16;

    private readonly Lazy<SensitivityEstimator?> _closedForm = new(
        () => model.CreateEstimator(SensitivityMethod.ClosedForm, new ZerothOrderOptions()));
    private readonly ConcurrentDictionary<ZerothOrderOptions, SensitivityEstimator?> _zerothOrder = new();

    private int _isMissingAnnounced;

    /// <summary>Whether it is still to be said that this model has no estimator; true once.</summary>
    public bool AnnounceMissing() => Interlocked.Exchange(ref _isMissingAnnounced, 1) == 0;

    /// <returns>The estimator, or <see langword="null"/> if there is nothing to estimate: no projector, or one that treats all tokens
    /// alike.</returns>
    public SensitivityEstimator? Get(EstimatorSettings settings)
    {
        switch (settings.Estimation)
        {
            case SensitivityEstimation.ZerothOrder:
                return GetZerothOrder(settings.ToZerothOrder());
            case SensitivityEstimation.ClosedForm:
                return _closedForm.Value;
            default:
                try
                {
                    return _closedForm.Value;
                }
                catch (Exception e) when (e is NotSupportedException or ModelFolderException)
                {
                    // The projector's weights cannot be read as numbers; running it still works.
                    return GetZerothOrder(settings.ToZerothOrder());
                }
        }
    }

    private SensitivityEstimator? GetZerothOrder(ZerothOrderOptions options)
    {
        if (_zerothOrder.TryGetValue(options, out var estimator))
        {
            return estimator;
        }

        estimator = model.CreateEstimator(SensitivityMethod.ZerothOrder, options);
        if (_zerothOrder.Count >= Capacity)
        {
            _zerothOrder.Clear();
        }

        return _zerothOrder.GetOrAdd(options, estimator);
    }
}
