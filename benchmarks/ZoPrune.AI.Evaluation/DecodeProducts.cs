using System.Diagnostics;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Evaluation;

/// <summary>
/// The matrix products of one token in a model of half a billion parameters (the sizes of Qwen2.5-0.5B, 4 bits a weight, random weights)
/// and nothing else, neither attention nor norms: less than a decode step can take.
/// </summary>
internal sealed class DecodeProducts : IDisposable
{
    public const int AllLayers = 24;

    private const int Width = 896;
    private const int KeyWidth = 128;
    private const int InnerWidth = 4864;
    private const int BlockSize = 32;

    private readonly GraphProto _graph = new() { Name = "products" };
    private readonly Random _random = new(2);
    private readonly InferenceSession _session;
    private readonly OrtValue _input;
    private readonly RunOptions _run = new();
    private readonly string[] _outputs;

    /// <param name="vocabulary">The width of the last product.</param>
    /// <param name="layers">How many layers come before it; 0: the last product alone.</param>
    public DecodeProducts(int vocabulary, int layers)
    {
        _graph.Input.Add(Value("x", Width));
        var x = "x";
        for (var i = 0; i < layers; i++)
        {
            // Keys and values leave the graph, as they do in a model; unused products would not be computed.
            AddOutput(Product(x, $"k{i}", Width, KeyWidth), KeyWidth);
            AddOutput(Product(x, $"v{i}", Width, KeyWidth), KeyWidth);
            var attended = Product(Product(x, $"q{i}", Width, Width), $"o{i}", Width, Width);
            var sum = new NodeProto { OpType = "Add" };
            sum.Input.AddRange(
                [Product(attended, $"gate{i}", Width, InnerWidth), Product(attended, $"up{i}", Width, InnerWidth)]);
            sum.Output.Add($"inner{i}");
            _graph.Node.Add(sum);
            x = Product($"inner{i}", $"down{i}", InnerWidth, Width);
        }

        AddOutput(Product(x, "logits", Width, vocabulary), vocabulary);
        _outputs = [.. _graph.Output.Select(output => output.Name)];
        var model = new ModelProto { IrVersion = 9, Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 20 });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        _session = new InferenceSession(model.ToByteArray());
        _graph.Initializer.Clear();
        _input = OrtValue.CreateTensorValueFromMemory(
            Enumerable.Range(0, Width).Select(_ => (float)_random.NextDouble()).ToArray(), [1, Width]);
    }

    /// <summary>Computes the products once.</summary>
    /// <returns>The milliseconds that it took.</returns>
    public double Run()
    {
        var start = Stopwatch.GetTimestamp();
        using var outputs = _session.Run(_run, ["x"], [_input], _outputs);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    public void Dispose()
    {
        _session.Dispose();
        _input.Dispose();
        _run.Dispose();
    }

    private string Product(string input, string output, int k, int n)
    {
        var weights = new byte[n * (k / 2)];
        _random.NextBytes(weights);
        var b = new TensorProto { Name = $"{output}.b", DataType = 2, RawData = UnsafeByteOperations.UnsafeWrap(weights) };
        b.Dims.AddRange([n, k / BlockSize, BlockSize / 2]);

        // Keeps the numbers at the size they have: the weights, -8 to 7, have a deviation of 4.6.
        var scale = new float[n * (k / BlockSize)];
        scale.AsSpan().Fill(1 / (4.6f * MathF.Sqrt(k)));
        var scales = new TensorProto
        {
            Name = $"{output}.scales",
            DataType = 1,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(scale)),
        };
        scales.Dims.Add(scale.Length);
        _graph.Initializer.AddRange([b, scales]);
        var node = new NodeProto { OpType = "MatMulNBits", Domain = "com.microsoft" };
        node.Input.AddRange([input, b.Name, scales.Name]);
        node.Output.Add(output);
        foreach (var (name, value) in new[] { ("K", k), ("N", n), ("bits", 4), ("block_size", BlockSize), ("accuracy_level", 4) })
        {
            node.Attribute.Add(new AttributeProto { Name = name, I = value, Type = 2 });
        }

        _graph.Node.Add(node);
        return output;
    }

    private void AddOutput(string name, int size) => _graph.Output.Add(Value(name, size));

    private static ValueInfoProto Value(string name, int size)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new DimensionProto { DimValue = 1 });
        shape.Dim.Add(new DimensionProto { DimValue = size });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TensorTypeProto { ElemType = 1, Shape = shape } } };
    }
}
