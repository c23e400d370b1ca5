namespace ZoPrune.AI.Pruning;

/// <summary>Says how strongly each projected embedding reacts to a small change of its projector input. Thread-safe.</summary>
public abstract class SensitivityEstimator
{
    /// <summary>A short name for reports.</summary>
    public abstract string Name { get; }

    /// <summary>Estimates the sensitivities of the tokens of one image.</summary>
    /// <param name="tokens">The tokens; what is needed besides the embeddings depends on the estimator.</param>
    /// <param name="cancellationToken">Stops the work at the next opportunity.</param>
    /// <returns>One finite, non-negative value per row of the embeddings; 0, without meaning, in structural rows.</returns>
    /// <exception cref="ArgumentException">The tokens lack what the estimator needs, or their shapes do not fit.</exception>
    /// <exception cref="NonFiniteTokenException">A tensor holds NaN or infinity in a row that is not structural.</exception>
    public abstract float[] Estimate(PrunableTokens tokens, CancellationToken cancellationToken);
}
