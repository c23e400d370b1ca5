using System.Diagnostics;
using System.Globalization;

namespace ZoPrune.AI.Pruning;

/// <summary>Decides which visual tokens of an image stay: estimates, selects within the budget, reports. Thread-safe.</summary>
public sealed class TokenPruner
{
    private readonly SensitivityEstimator? _estimator;
    private readonly TokenSelector _selector;
    private readonly TokenBudget _budget;
    private readonly TokenPrunerOptions _options;

    /// <summary>Joins an estimator, a selector and a budget.</summary>
    /// <param name="estimator">
    /// The estimator, or null where the model offers none: selection is by diversity alone then, and reports say so.
    /// </param>
    /// <param name="selector">The selector.</param>
    /// <param name="budget">The budget.</param>
    /// <param name="options">Options, or null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number of the budget is out of range.</exception>
    /// <exception cref="ArgumentException">The budget sets both a ratio and a count.</exception>
    public TokenPruner(SensitivityEstimator? estimator, TokenSelector selector, TokenBudget budget, TokenPrunerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(selector);
        ArgumentNullException.ThrowIfNull(budget);
        budget.Validate();
        (_estimator, _selector, _budget, _options) = (estimator, selector, budget, options ?? new TokenPrunerOptions());
    }

    /// <summary>Selects the tokens of one image.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="cancellationToken">Stops before each stage and within the zeroth-order estimation.</param>
    /// <exception cref="ArgumentException">Shapes do not fit, or the estimator lacks what it needs.</exception>
    /// <exception cref="NonFiniteTokenException">A tensor holds NaN or infinity.</exception>
    public PruningResult Prune(PrunableTokens tokens, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        cancellationToken.ThrowIfCancellationRequested();
        tokens.Validate();
        FiniteCheck.Require(tokens.Embeddings, FiniteCheck.Embeddings, []);
        var groups = GroupsOf(tokens);
        var prunable = groups.Sum(group => group.Length);
        var quotas = _budget.ResolveCrops([.. groups.Select(group => group.Length)]);
        var selecting = quotas.Sum() < prunable;
        var notes = new List<string>();
        if (quotas.Where((quota, crop) => quota == 0 && groups[crop].Length > 0).Count() is > 0 and var empty)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"the budget of {quotas.Sum()} is too small for {groups.Length} crops: {empty} keep no token"));
        }

        var started = Stopwatch.GetTimestamp();
        var sensitivities = Estimate(tokens, selecting, notes, cancellationToken);
        var estimated = Stopwatch.GetTimestamp();
        cancellationToken.ThrowIfCancellationRequested();
        var picks = selecting ? Select(tokens, groups, quotas, sensitivities, notes) : [];
        var selected = Stopwatch.GetTimestamp();
        if (!selecting)
        {
            notes.Insert(0, WhyNothing(prunable));
        }

        int[] kept = selecting ? [.. picks, .. tokens.Structural] : [.. Enumerable.Range(0, tokens.Embeddings.Rows)];
        Array.Sort(kept);
        return new PruningResult(kept, new ImagePruningReport
        {
            Grid = tokens.Crops.Count > 0 || tokens.CropLengths.Count > 1 ? null : tokens.Grid,
            Crops = CropsOf(tokens),
            VisualTokens = tokens.Embeddings.Rows,
            VisualTokensKept = kept.Length,
            StructuralTokens = tokens.Structural.Count,
            Kept = [.. kept],
            PickOrder = picks,
            Sensitivities = _options.IncludeSensitivities ? sensitivities : null,
            Estimator = sensitivities is null ? null : _estimator?.Name,
            Selector = selecting ? _selector.Name : null,
            Notes = notes,
            EstimationTime = sensitivities is null ? TimeSpan.Zero : Stopwatch.GetElapsedTime(started, estimated),
            SelectionTime = selecting ? Stopwatch.GetElapsedTime(estimated, selected) : TimeSpan.Zero,
        });
    }

    private static int[] CropsOf(PrunableTokens tokens) => tokens.Crops.Count > 0
        ? [.. tokens.Crops]
        : tokens.CropLengths.Count > 1
            ? [.. tokens.CropLengths.SelectMany((length, crop) => Enumerable.Repeat(crop, length))]
            : [];

    private int[][] GroupsOf(PrunableTokens tokens)
    {
        if (_budget.PerCrop && tokens.Crops.Count > 0)
        {
            var outside = tokens.Structural.ToHashSet();
            return
            [
                .. Enumerable.Range(0, tokens.Embeddings.Rows)
                    .Where(row => !outside.Contains(row))
                    .GroupBy(row => tokens.Crops[row])
                    .OrderBy(crop => crop.Key)
                    .Select(crop => crop.ToArray()),
            ];
        }

        IReadOnlyList<int> lengths = _budget.PerCrop && tokens.CropLengths.Count > 0 ? tokens.CropLengths : [tokens.Embeddings.Rows];
        var structural = tokens.Structural.ToHashSet();
        var groups = new int[lengths.Count][];
        var start = 0;
        for (var crop = 0; crop < groups.Length; crop++)
        {
            groups[crop] = [.. Enumerable.Range(start, lengths[crop]).Where(row => !structural.Contains(row))];
            start += lengths[crop];
        }

        return groups;
    }

    private float[]? Estimate(PrunableTokens tokens, bool selecting, List<string> notes, CancellationToken cancellationToken)
    {
        if (_estimator is null || tokens.NoSensitivityReason is not null)
        {
            if (selecting && _selector.UsesSensitivity)
            {
                var reason = (tokens.NoSensitivityReason ?? _options.NoEstimatorReason) is { } because ? $" ({because})" : "";
                notes.Add($"no sensitivity is available{reason}: selected by diversity alone");
            }

            return null;
        }

        if (!_options.IncludeSensitivities && !(selecting && _selector.UsesSensitivity))
        {
            return null;
        }

        if (_options.EstimatorNote is { } note)
        {
            notes.Add(note);
        }

        var sensitivities = _estimator.Estimate(tokens, cancellationToken);
        if (sensitivities.Length != tokens.Embeddings.Rows)
        {
            throw new InvalidOperationException(
                $"The estimator '{_estimator.Name}' gave {sensitivities.Length} sensitivities for {tokens.Embeddings.Rows} tokens.");
        }

        foreach (var row in tokens.Structural)
        {
            sensitivities[row] = 0;
        }

        FiniteCheck.Require(sensitivities, FiniteCheck.Sensitivities);
        return sensitivities;
    }

    private int[] Select(PrunableTokens tokens, int[][] groups, int[] quotas, float[]? sensitivities, List<string> notes)
    {
        var picks = new List<int>(quotas.Sum());
        for (var crop = 0; crop < groups.Length; crop++)
        {
            var rows = groups[crop];
            var sensitivity = _selector.UsesSensitivity && sensitivities is not null ? Gather(sensitivities, rows) : null;
            var choosing = quotas[crop] > 0 && quotas[crop] < rows.Length;
            if (choosing && sensitivity is not null && SensitivitySpread.IsConstant(sensitivity))
            {
                var where = groups.Length > 1 ? $" in crop {crop}" : "";
                var spread = SensitivitySpread.Relative(sensitivity).ToString("0.#E+0", CultureInfo.InvariantCulture);
                notes.Add($"sensitivity is constant{where} (relative spread {spread}): selected by diversity alone");
                sensitivity = null;
            }

            var selector = _selector.UsesSensitivity && sensitivity is null ? _selector.WithoutSensitivity : _selector;
            var input = new SelectionInput
            {
                Embeddings = tokens.Embeddings.Gather(rows),
                Sensitivity = sensitivity,
                Grid = tokens.Grid is { } grid && grid.Holds(rows.Length) ? grid : null,
            };
            picks.AddRange(selector.SelectFinite(input, quotas[crop]).Select(pick => rows[pick]));
        }

        return [.. picks];
    }

    private static float[] Gather(float[] values, int[] rows)
    {
        var gathered = new float[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            gathered[i] = values[rows[i]];
        }

        return gathered;
    }

    private string WhyNothing(int prunable)
    {
        if (prunable == 0)
        {
            return "kept all: no visual token can be pruned";
        }

        var reason = _budget.KeepRatio == 1 ? "the ratio to keep is 1" : $"the budget allows all {prunable} prunable tokens";
        return string.Create(CultureInfo.InvariantCulture, $"kept all: {reason}");
    }
}
