namespace ZoPrune.AI.Pruning;

/// <summary>Chooses which tokens stay. Thread-safe.</summary>
public abstract class TokenSelector
{
    /// <summary>A short name for reports.</summary>
    public abstract string Name { get; }

    /// <summary>Whether sensitivities matter to the choice; if not, none need to be estimated.</summary>
    public virtual bool UsesSensitivity => false;

    /// <summary>What selects in its place where there are no sensitivities, or all are equal: by diversity alone.</summary>
    protected internal virtual TokenSelector WithoutSensitivity => this;

    /// <summary>Chooses tokens.</summary>
    /// <param name="input">The tokens.</param>
    /// <param name="count">How many to keep, zero or more.</param>
    /// <returns>Exactly min(<paramref name="count"/>, tokens) different rows, in the order of picking.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="ArgumentException">The shapes do not fit, or the selector needs sensitivities and there are none.</exception>
    /// <exception cref="NonFiniteTokenException">Embeddings or sensitivities hold NaN or infinity.</exception>
    public int[] Select(SelectionInput input, int count)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        FiniteCheck.Require(input.Embeddings, FiniteCheck.Embeddings, []);
        FiniteCheck.Require(input.Sensitivity.Span, FiniteCheck.Sensitivities);
        return SelectFinite(input, count);
    }

    /// <summary>As <see cref="Select"/>, for tensors that are known to be finite.</summary>
    internal int[] SelectFinite(SelectionInput input, int count)
    {
        var tokens = input.Embeddings.Rows;
        if (!input.Sensitivity.IsEmpty && input.Sensitivity.Length != tokens)
        {
            throw new ArgumentException($"There are {input.Sensitivity.Length} sensitivities for {tokens} tokens.", nameof(input));
        }

        var expected = Math.Min(count, tokens);
        var picks = expected == 0 ? [] : SelectCore(input, expected);
        RequireValid(picks, expected, tokens);
        return picks;
    }

    /// <summary>Chooses tokens from valid input.</summary>
    /// <param name="input">At least one token; all tensors finite, shapes checked.</param>
    /// <param name="count">How many to keep, from 1 to the number of tokens.</param>
    /// <returns>Exactly <paramref name="count"/> different rows, in the order of picking.</returns>
    protected abstract int[] SelectCore(SelectionInput input, int count);

    private void RequireValid(int[] picks, int count, int tokens)
    {
        var seen = new bool[tokens];
        foreach (var pick in picks)
        {
            if (pick < 0 || pick >= tokens || seen[pick])
            {
                throw new InvalidOperationException($"The selector '{Name}' picked row {pick} of {tokens} out of range or twice.");
            }

            seen[pick] = true;
        }

        if (picks.Length != count)
        {
            throw new InvalidOperationException($"The selector '{Name}' picked {picks.Length} rows instead of {count}.");
        }
    }
}
