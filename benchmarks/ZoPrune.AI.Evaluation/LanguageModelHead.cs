using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Evaluation;

/// <summary>
/// The last matrix product of a small language model, alone: less than any decode step over the vocabulary can take.
/// </summary>
internal sealed class LanguageModelHead : IDisposable
{
    private const int Width = 896;
    private const int BlockSize = 32;

    private readonly InferenceSession _session;
    private readonly OrtValue _input;
    private readonly RunOptions _run = new();

    public LanguageModelHead(int vocabulary)
    {
        var graph = new GraphProto { Name = "head" };
        graph.Input.Add(Value("x", Width));
        graph.Output.Add(Value("logits", vocabulary));
        var random = new Random(2);
        var weights = new byte[vocabulary * (Width / 2)];
        random.NextBytes(weights);
        var b = new TensorProto { Name = "b", DataType = 2, RawData = ByteString.CopyFrom(weights) };
        b.Dims.AddRange([vocabulary, Width / BlockSize, BlockSize / 2]);
        var scales = new TensorProto
        {
            Name = "scales",
            DataType = 1,
            RawData = ByteString.CopyFrom(
                System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(
                    [.. Enumerable.Repeat(0.01f, vocabulary * (Width / BlockSize))])),
        };
        scales.Dims.Add(vocabulary * (Width / BlockSize));
        graph.Initializer.AddRange([b, scales]);
        var node = new NodeProto { OpType = "MatMulNBits", Domain = "com.microsoft" };
        node.Input.AddRange(["x", "b", "scales"]);
        node.Output.Add("logits");
        foreach (var (name, value) in new[] { ("K", Width), ("N", vocabulary), ("bits", 4), ("block_size", BlockSize), ("accuracy_level", 4) })
        {
            node.Attribute.Add(new AttributeProto { Name = name, I = value, Type = 2 });
        }

        graph.Node.Add(node);
        var model = new ModelProto { IrVersion = 9, Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = 20 });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        _session = new InferenceSession(model.ToByteArray());
        _input = OrtValue.CreateTensorValueFromMemory(
            Enumerable.Range(0, Width).Select(_ => (float)random.NextDouble()).ToArray(), [1, Width]);
    }

    public void Run()
    {
        using var outputs = _session.Run(_run, ["x"], [_input], ["logits"]);
    }

    public void Dispose()
    {
        _session.Dispose();
        _input.Dispose();
        _run.Dispose();
    }

    private static ValueInfoProto Value(string name, int size)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new DimensionProto { DimValue = 1 });
        shape.Dim.Add(new DimensionProto { DimValue = size });
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TensorTypeProto { ElemType = 1, Shape = shape } } };
    }
}
