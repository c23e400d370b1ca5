using ZoPrune.AI.SyntheticVlm.Folders;
using ZoPrune.AI.SyntheticVlm.Graphs;
using ZoPrune.AI.SyntheticVlm.Kinds;

namespace ZoPrune.AI.SyntheticVlm;

/// <summary>Writes whole folders.</summary>
internal static class SyntheticModel
{
    /// <summary>Writes a folder.</summary>
    /// <param name="plan">What it is.</param>
    /// <param name="path">Where it goes.</param>
    /// <param name="force">Whether a folder that has files of others may be written into.</param>
    /// <returns>The parameters of its parts and the bytes of its files.</returns>
    /// <exception cref="IOException">The folder has files of others, or cannot be written.</exception>
    public static (ParameterCounts Parameters, long Bytes) Write(ModelPlan plan, string path, bool force = false)
    {
        var folder = new OutputFolder(path, plan);
        folder.Prepare(force);
        var parameters = plan.Kind.CreateFolder(plan, folder).Write();
        return (parameters, folder.Bytes);
    }

    /// <summary>Finds a kind and a size by name.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public static ModelPlan Plan(string kind, string size, WeightPrecision precision, ulong seed = 1)
    {
        var foundKind = ModelKinds.All.FirstOrDefault(k => k.Name == kind)
            ?? throw new ArgumentException($"'{kind}' is none of {string.Join(", ", ModelKinds.All.Select(k => k.Name))}.", nameof(kind));
        var foundSize = foundKind.Sizes.FirstOrDefault(s => s.Name == size)
            ?? throw new ArgumentException($"'{size}' is none of {string.Join(", ", foundKind.Sizes.Select(s => s.Name))}.", nameof(size));
        return new ModelPlan(foundKind, foundSize, precision, seed);
    }
}
