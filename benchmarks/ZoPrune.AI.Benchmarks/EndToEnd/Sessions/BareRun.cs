using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Benchmarks.EndToEnd.Sessions;

/// <summary>One run of the vision graph and one of the decoder over a prompt, everything allocated beforehand.</summary>
internal sealed class BareRun : IDisposable
{
    private readonly BareSessions _sessions;
    private readonly RunOptions _options = new();
    private readonly List<OrtValue> _owned = [];
    private readonly List<string> _visionNames = [];
    private readonly List<OrtValue> _visionInputs = [];
    private readonly List<string> _inputNames = [];
    private readonly List<OrtValue> _inputs = [];
    private readonly List<string> _outputNames = [];
    private readonly List<OrtValue> _outputs = [];

    public BareRun(BareSessions sessions, IReadOnlyDictionary<string, ImageTensor> pixels, int promptTokens, bool sharesBuffers)
    {
        _sessions = sessions;
        foreach (var (name, input) in sessions.Vision.InputMetadata)
        {
            _visionNames.Add(name);
            _visionInputs.Add(Own(Feed(pixels[name], input.Dimensions.Length)));
        }

        PrepareDecoder(promptTokens, sharesBuffers);
    }

    /// <summary>Runs both graphs.</summary>
    /// <returns>The milliseconds of the two.</returns>
    public (double Vision, double Decoder) Run()
    {
        var start = Stopwatch.GetTimestamp();
        using (_sessions.Vision.Run(_options, _visionNames, _visionInputs, _sessions.Vision.OutputNames))
        {
        }

        var middle = Stopwatch.GetTimestamp();
        _sessions.Decoder.Run(_options, _inputNames, _inputs, _outputNames, _outputs);
        return (Stopwatch.GetElapsedTime(start, middle).TotalMilliseconds, Stopwatch.GetElapsedTime(middle).TotalMilliseconds);
    }

    public void Dispose()
    {
        foreach (var value in _owned)
        {
            value.Dispose();
        }

        _options.Dispose();
    }

    private void PrepareDecoder(int tokens, bool sharesBuffers)
    {
        var decoder = _sessions.Decoder;
        var logits = Own(Floats([1, tokens, decoder.OutputMetadata["logits"].Dimensions[^1]]));
        _outputNames.Add("logits");
        _outputs.Add(logits);
        foreach (var (name, input) in decoder.InputMetadata)
        {
            _inputNames.Add(name);
            switch (name)
            {
                case "inputs_embeds":
                    _inputs.Add(Own(Noise([1, tokens, input.Dimensions[^1]])));
                    break;
                case "attention_mask":
                    _inputs.Add(Own(Integers(Enumerable.Repeat(1L, tokens), [1, tokens])));
                    break;
                case "position_ids":
                    var axes = input.Dimensions.Length == 3 ? input.Dimensions[0] : 1;
                    var positions = Enumerable.Range(0, axes).SelectMany(_ => Enumerable.Range(0, tokens)).Select(p => (long)p);
                    _inputs.Add(Own(Integers(positions, input.Dimensions.Length == 3 ? [axes, 1, tokens] : [1, tokens])));
                    break;
                default:
                    PrepareKeysOrValues(name, input, tokens, sharesBuffers);
                    break;
            }
        }
    }

    private void PrepareKeysOrValues(string past, NodeMetadata input, int tokens, bool sharesBuffers)
    {
        long[] ShapeOf(int length) => [1, input.Dimensions[1], length, input.Dimensions[3]];

        var present = Own(Floats(ShapeOf(tokens)));
        present.GetTensorMutableDataAsSpan<float>().Clear();
        _inputs.Add(sharesBuffers ? present : Own(Floats(ShapeOf(0))));
        _outputNames.Add(past.Replace("past_key_values", "present", StringComparison.Ordinal));
        _outputs.Add(present);
    }

    private OrtValue Own(OrtValue value)
    {
        _owned.Add(value);
        return value;
    }

    /// <summary>The tensor with as many leading axes of length 1 as the graph has.</summary>
    private static OrtValue Feed(ImageTensor tensor, int rank)
    {
        var axes = tensor.Shape;
        while (axes.Length > rank && axes[0] == 1)
        {
            axes = axes[1..];
        }

        long[] shape = [.. Enumerable.Repeat(1L, Math.Max(0, rank - axes.Length)), .. Array.ConvertAll(axes.ToArray(), axis => (long)axis)];
        return tensor.ElementType == ImageTensorType.Int64
            ? OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, MemoryMarshal.AsMemory(tensor.Int64s), shape)
            : OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, MemoryMarshal.AsMemory(tensor.Singles), shape);
    }

    private static OrtValue Floats(long[] shape) =>
        OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float, shape);

    private static OrtValue Noise(long[] shape)
    {
        var value = Floats(shape);
        var random = new Random(1);
        foreach (ref var number in value.GetTensorMutableDataAsSpan<float>())
        {
            number = (2 * random.NextSingle()) - 1;
        }

        return value;
    }

    private static OrtValue Integers(IEnumerable<long> values, long[] shape) =>
        OrtValue.CreateTensorValueFromMemory(values.ToArray(), shape);
}
