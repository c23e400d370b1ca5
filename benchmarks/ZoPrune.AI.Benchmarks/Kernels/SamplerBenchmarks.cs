using BenchmarkDotNet.Attributes;
using ZoPrune.AI.Onnx.Sampling;

namespace ZoPrune.AI.Benchmarks.Kernels;

/// <summary>Choosing a token. The logits are copied before each choice, since it changes them; the copy is measured alone, too.</summary>
public class SamplerBenchmarks
{
    private const int PromptTokens = 128;

    private readonly int[] _sequence = [.. Enumerable.Range(0, PromptTokens + 32)];
    private readonly TokenSampler _greedy = new(new SamplingOptions(), [2]);
    private readonly TokenSampler _topK = new(new SamplingOptions { DoSample = true, TopK = 50, Seed = 1 }, [2]);
    private readonly TokenSampler _topP = new(new SamplingOptions { DoSample = true, TopK = 0, TopP = 0.9f, Seed = 1 }, [2]);
    private float[] _source = [];
    private float[] _logits = [];

    /// <summary>How many tokens there are to choose from.</summary>
    [Params(32000, 152064)]
    public int Vocabulary { get; set; }

    [GlobalSetup]
    public void Create()
    {
        _source = Array.ConvertAll(RandomValues.Normal(Vocabulary), value => 3 * value);
        _logits = new float[Vocabulary];
    }

    [Benchmark(Baseline = true)]
    public float CopyAlone()
    {
        _source.CopyTo(_logits, 0);
        return _logits[0];
    }

    [Benchmark]
    public int Greedy() => Next(_greedy);

    [Benchmark]
    public int TopK() => Next(_topK);

    [Benchmark]
    public int TopP() => Next(_topP);

    private int Next(TokenSampler sampler)
    {
        _source.CopyTo(_logits, 0);
        return sampler.Next(_logits, _sequence, PromptTokens);
    }
}
