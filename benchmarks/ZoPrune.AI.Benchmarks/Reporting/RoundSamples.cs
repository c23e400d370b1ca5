namespace ZoPrune.AI.Benchmarks.Reporting;

/// <summary>
/// What was measured in each round, by name. Ratios are taken within a round and their median over the rounds, so that they hold when the
/// machine's speed drifts.
/// </summary>
internal sealed class RoundSamples
{
    private readonly Dictionary<string, List<double>> _values = new(StringComparer.Ordinal);

    /// <summary>Adds what a round measured.</summary>
    public void Add(string name, double value)
    {
        if (!_values.TryGetValue(name, out var list))
        {
            _values.Add(name, list = []);
        }

        list.Add(value);
    }

    /// <summary>Adds what other rounds measured, under other names.</summary>
    /// <exception cref="ArgumentException">A name is there already: its values are of other rounds.</exception>
    public void Add(RoundSamples others)
    {
        foreach (var (name, values) in others._values)
        {
            _values.Add(name, values);
        }
    }

    /// <summary>Whether anything was measured under a name.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>The median over the rounds.</summary>
    /// <exception cref="KeyNotFoundException">Nothing was measured under this name.</exception>
    public double Median(string name) => MedianOf(_values[name]);

    /// <summary>The median of the ratios of the rounds.</summary>
    /// <exception cref="KeyNotFoundException">Nothing was measured under one of the names.</exception>
    /// <exception cref="InvalidOperationException">The two were not measured in the same rounds.</exception>
    public double Ratio(string numerator, string denominator)
    {
        var (above, below) = (_values[numerator], _values[denominator]);
        return above.Count == below.Count
            ? MedianOf(above.Zip(below, (a, b) => a / b))
            : throw new InvalidOperationException(
                $"'{numerator}' was measured in {above.Count} rounds, '{denominator}' in {below.Count}: a round needs both.");
    }

    /// <summary>The value in the middle; of an even count the mean of the two in the middle.</summary>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static double MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length > 0
            ? (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2
            : throw new ArgumentException("There is no median of nothing.", nameof(values));
    }
}
