using BenchmarkDotNet.Attributes;
using ZoPrune.AI.Benchmarks.EndToEnd;
using ZoPrune.AI.Benchmarks.EndToEnd.Models;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;
using ZoPrune.AI.Pruning;

namespace ZoPrune.AI.Benchmarks.Kernels;

/// <summary>
/// Sensitivities of 576 visual tokens, behind the projector of a synthetic model.
/// </summary>
public class SensitivityBenchmarks
{
    private VisionLanguageModel _model = null!;
    private PrunableTokens _tokens = null!;
    private SensitivityEstimator _exact = null!;
    private SensitivityEstimator _usual = null!;
    private SensitivityEstimator _differences = null!;

    /// <summary>The size of the model: hidden width 640 and 1,280.</summary>
    [Params("0.1b", "0.5b")]
    public string Size { get; set; } = "";

    [GlobalSetup]
    public void Open()
    {
        _model = KernelModel.Open(Size);
        var image = ImageDecoder.Decode(BenchmarkPicture.Create(ModelCase.PictureSide), new ImageLimits(), "picture");
        _tokens = _model.EncodeImage(_model.ProcessImage(image)).Tokens;
        _exact = _model.CreateEstimator(SensitivityMethod.ExactClosedForm)!;
        _usual = _model.CreateEstimator()!;
        _differences = _model.CreateEstimator(SensitivityMethod.ZerothOrder, new ZerothOrderOptions { Directions = 64 })!;
    }

    [GlobalCleanup]
    public void Close() => _model.Dispose();

    [Benchmark(Baseline = true)]
    public float[] ClosedFormExact() => _exact.Estimate(_tokens, CancellationToken.None);

    [Benchmark]
    public float[] ClosedFormByDefault() => _usual.Estimate(_tokens, CancellationToken.None);

    [Benchmark]
    public float[] FiniteDifferences64() => _differences.Estimate(_tokens, CancellationToken.None);
}
