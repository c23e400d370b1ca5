using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using ZoPrune.AI.Configuration;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Generation;

/// <summary>The sensitivity estimators of one model. Making one may cost a large matrix product, so they are kept.</summary>
/// <param name="create">Makes an estimator; <see langword="null"/> if there is nothing to estimate.</param>
internal sealed class EstimatorCache(Func<SensitivityMethod, ZerothOrderOptions, SensitivityEstimator?> create)
{
    // Calls may bring any seed; what they leave behind must stay bounded.
    private const int Capacity = 16;

    private readonly Lazy<(SensitivityEstimator? Estimator, ExceptionDispatchInfo? Failure)> _closedForm = new(
        () => CreateClosedForm(create, SensitivityMethod.ClosedForm));
    private readonly Lazy<(SensitivityEstimator? Estimator, ExceptionDispatchInfo? Failure)> _exactClosedForm = new(
        () => CreateClosedForm(create, SensitivityMethod.ExactClosedForm));
    private readonly ConcurrentDictionary<ZerothOrderOptions, SensitivityEstimator?> _zerothOrder = new();

    /// <returns>The estimator, or <see langword="null"/> if there is nothing to estimate: no projector, or one that treats all tokens
    /// alike.</returns>
    public SensitivityEstimator? Get(EstimatorSettings settings)
    {
        switch (settings.Estimation)
        {
            case SensitivityEstimation.ZerothOrder:
                return GetZerothOrder(settings.ToZerothOrder());
            case SensitivityEstimation.ClosedForm:
                return Require(_closedForm.Value);
            case SensitivityEstimation.ExactClosedForm:
                // Where both are computed alike they are one, so that what is known of pictures serves both.
                return Require(_closedForm.Value is { Estimator: ClosedFormEstimator { Arithmetic: ClosedFormArithmetic.EightBit } }
                    ? _exactClosedForm.Value
                    : _closedForm.Value);
            default:
                // Where the projector's weights cannot be read as numbers, running it still works.
                return _closedForm.Value is { Failure: null, Estimator: var closedForm }
                    ? closedForm
                    : GetZerothOrder(settings.ToZerothOrder());
        }
    }

    private static (SensitivityEstimator? Estimator, ExceptionDispatchInfo? Failure) CreateClosedForm(
        Func<SensitivityMethod, ZerothOrderOptions, SensitivityEstimator?> create, SensitivityMethod method)
    {
        try
        {
            return (create(method, new ZerothOrderOptions()), null);
        }
        catch (Exception e) when (e is NotSupportedException or ModelFolderException)
        {
            // An outcome like any other: it is the same at every call.
            return (null, ExceptionDispatchInfo.Capture(e));
        }
    }

    private static SensitivityEstimator? Require((SensitivityEstimator? Estimator, ExceptionDispatchInfo? Failure) closedForm)
    {
        closedForm.Failure?.Throw();
        return closedForm.Estimator;
    }

    private SensitivityEstimator? GetZerothOrder(ZerothOrderOptions options)
    {
        if (_zerothOrder.TryGetValue(options, out var estimator))
        {
            return estimator;
        }

        estimator = create(SensitivityMethod.ZerothOrder, options);
        if (_zerothOrder.Count >= Capacity)
        {
            _zerothOrder.Clear();
        }

        return _zerothOrder.GetOrAdd(options, estimator);
    }
}
