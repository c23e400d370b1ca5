using BenchmarkDotNet.Attributes;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Benchmarks.Kernels;

/// <summary>Picks among 576 visual tokens. One pick is little more than the geometry: rows that are normalised.</summary>
public class SelectionBenchmarks
{
    private const int Rows = 576;

    private readonly SadsSelector _sads = new(SadsOptions.Proportional);
    private readonly DivPruneSelector _divPrune = new();
    private SelectionInput _input = null!;

    /// <summary>The width of the embeddings.</summary>
    [Params(1280, 4096)]
    public int Width { get; set; }

    /// <summary>How many are picked.</summary>
    [Params(1, 64, 128, 192)]
    public int Kept { get; set; }

    [GlobalSetup]
    public void Create() => _input = new SelectionInput
    {
        Embeddings = new TokenMatrix(RandomValues.Normal(Rows * Width), Rows, Width),
        Sensitivity = Array.ConvertAll(RandomValues.Normal(Rows, seed: 2), value => MathF.Exp(value / 4)),
    };

    [Benchmark(Baseline = true)]
    public int[] Sads() => _sads.Select(_input, Kept);

    [Benchmark]
    public int[] DivPrune() => _divPrune.Select(_input, Kept);
}
