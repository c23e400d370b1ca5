namespace ZoPrune.AI.SyntheticVlm.Graphs;

/// <summary>How many parameters the parts of a model have, in the order in which they were written.</summary>
internal sealed class ParameterCounts
{
    private readonly List<(string Part, long Count)> _parts = [];

    /// <summary>The parts.</summary>
    public IReadOnlyList<(string Part, long Count)> Parts => _parts;

    /// <summary>All of them together.</summary>
    public long Total => _parts.Sum(p => p.Count);

    /// <summary>Adds to a part.</summary>
    public void Add(string part, long count)
    {
        var index = _parts.FindIndex(p => p.Part == part);
        if (index < 0)
        {
            _parts.Add((part, count));
        }
        else
        {
            _parts[index] = (part, _parts[index].Count + count);
        }
    }
}
