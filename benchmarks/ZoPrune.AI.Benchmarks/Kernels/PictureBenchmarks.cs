using BenchmarkDotNet.Attributes;
using ZoPrune.AI.Benchmarks.EndToEnd;
using ZoPrune.AI.Onnx;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Benchmarks.Kernels;

/// <summary>A picture before the vision graph: decoded; resized to 336 x 336 by cubic interpolation and normalised.</summary>
public class PictureBenchmarks
{
    private VisionLanguageModel _model = null!;
    private byte[] _encoded = [];
    private RgbImage _image = null!;

    /// <summary>The side of the picture in pixels.</summary>
    [Params(672, 2048)]
    public int Side { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _model = KernelModel.Open("0.1b");
        _encoded = BenchmarkPicture.Create(Side);
        _image = Decode();
    }

    [GlobalCleanup]
    public void Close() => _model.Dispose();

    [Benchmark]
    public RgbImage Decode() => ImageDecoder.Decode(_encoded, ImageLimits.Default, "picture");

    [Benchmark]
    public ProcessedImage ResizeAndNormalize() => _model.ProcessImage(_image);
}
