using ZoPrune.AI.Benchmarks.EndToEnd.Models;
using ZoPrune.AI.SyntheticVlm.Kinds;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Benchmarks.Tests.EndToEnd;

/// <summary>The tiny size of kinds, written once.</summary>
public sealed class TinyCases
{
    internal string Root { get; } = TemporaryFolders.Create();

    internal ModelCase Get(string kind) => new ModelCache(Root).Get(kind, ModelSize.Tiny);
}
