using ZoPrune.AI.SyntheticVlm;
using ZoPrune.AI.SyntheticVlm.Kinds;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Models;

/// <summary>Folders of SyntheticVlm, written once and found again.</summary>
/// <param name="root">Where they lie.</param>
internal sealed class ModelCache(string root)
{
    /// <summary>Gives a folder, writing it if it is not there.</summary>
    /// <exception cref="ArgumentException">There is no such kind or size.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public ModelCase Get(string kind, string size)
    {
        var plan = SyntheticModel.Plan(kind, size, WeightPrecision.Int4);
        var folder = Path.Combine(root, $"{kind}-{size}");
        if (!Directory.Exists(folder))
        {
            // Under another name until it is whole: a run may be interrupted.
            var unfinished = folder + ".unfinished";
            SyntheticModel.Write(plan, unfinished);
            Directory.Move(unfinished, folder);
        }

        return new ModelCase(kind, size, folder);
    }
}
