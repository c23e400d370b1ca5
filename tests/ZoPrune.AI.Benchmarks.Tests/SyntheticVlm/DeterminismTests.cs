using ZoPrune.AI.SyntheticVlm;
using ZoPrune.AI.SyntheticVlm.Kinds;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Benchmarks.Tests.SyntheticVlm;

/// <summary>Bytes are a function of kind, size, precision and seed.</summary>
public sealed class DeterminismTests
{
    public static TheoryData<string, string> All => SyntheticFolderTests.All;

    [Theory]
    [MemberData(nameof(All))]
    public void One_seed_gives_the_same_bytes_and_another_gives_other_weights(string kind, string precision)
    {
        var first = Write(kind, precision, seed: 7);
        var again = Write(kind, precision, seed: 7);
        var other = Write(kind, precision, seed: 8);

        Assert.Equal(first.Keys.Order(), again.Keys.Order());
        Assert.Equal(first.Keys.Order(), other.Keys.Order());
        Assert.All(first, file => Assert.Equal(file.Value, again[file.Key]));
        var weights = first.Keys.Where(f => f.EndsWith("data", StringComparison.Ordinal)).ToArray();
        Assert.Equal(3, weights.Length);
        Assert.All(weights, file => Assert.NotEqual(first[file], other[file]));
        Assert.All(first.Keys.Where(f => f.EndsWith(".onnx", StringComparison.Ordinal)), file => Assert.Equal(first[file], other[file]));
    }

    private static Dictionary<string, byte[]> Write(string kind, string precision, ulong seed)
    {
        var folder = TemporaryFolders.Create();
        SyntheticModel.Write(SyntheticModel.Plan(kind, ModelSize.Tiny, Enum.Parse<WeightPrecision>(precision), seed), folder);
        return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetRelativePath(folder, f), File.ReadAllBytes);
    }
}
