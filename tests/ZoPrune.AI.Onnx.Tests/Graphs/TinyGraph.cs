using Google.Protobuf;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Graphs;

/// <summary>Writes small ONNX files node by node.</summary>
internal sealed class TinyGraph
{
    private readonly ModelProto _model = new() { IrVersion = 9, Graph = new GraphProto { Name = "tiny" } };

    public TinyGraph(string input, params long[] shape)
    {
        _model.OpsetImport.Add(new OperatorSetIdProto { Version = 20 });
        _model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        _model.Graph.Input.Add(Value(input, shape));
    }

    public TinyGraph Opset(long version)
    {
        _model.OpsetImport[0].Version = version;
        _model.IrVersion = 10;
        return this;
    }

    public TinyGraph Weight(string name, params long[] shape)
    {
        var count = (int)shape.Aggregate(1L, (n, d) => n * d);
        return Weight(name, [.. Enumerable.Range(0, count).Select(i => MathF.Sin((i * 0.7f) + name.Length))], shape);
    }

    public TinyGraph Weight(string name, float[] values, params long[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)TensorElementType.Float };
        tensor.Dims.Add(shape);
        tensor.RawData = ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        _model.Graph.Initializer.Add(tensor);
        return this;
    }

    public TinyGraph Bytes(string name, TensorElementType type, byte[] data, params long[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(data) };
        tensor.Dims.Add(shape);
        _model.Graph.Initializer.Add(tensor);
        return this;
    }

    public TinyGraph Integers(string name, params long[] values)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)TensorElementType.Int64 };
        tensor.Dims.Add(values.Length);
        tensor.Int64Data.Add(values);
        _model.Graph.Initializer.Add(tensor);
        return this;
    }

    public TinyGraph Node(string op, string[] inputs, string output, string domain = "", params AttributeProto[] attributes) =>
        Node(op, inputs, [output], domain, attributes);

    public TinyGraph Node(string op, string[] inputs, string[] outputs, string domain = "", params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = op, Domain = domain, Name = outputs[0] + "_node" };
        node.Input.Add(inputs);
        node.Output.Add(outputs);
        node.Attribute.Add(attributes);
        _model.Graph.Node.Add(node);
        return this;
    }

    public string Save(string output, params long[] shape)
    {
        _model.Graph.Output.Add(Value(output, shape));
        var file = Path.Combine(TemporaryFolders.Create(), "vision.onnx");
        File.WriteAllBytes(file, _model.ToByteArray());
        return file;
    }

    public static AttributeProto Int(string name, long value) => new() { Name = name, Type = 2, I = value };

    public static AttributeProto Text(string name, string value) => new() { Name = name, Type = 3, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Number(string name, float value) => new() { Name = name, Type = 1, F = value };

    public static AttributeProto Ints(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = 7 };
        attribute.Ints.Add(values);
        return attribute;
    }

    private static ValueInfoProto Value(string name, long[] shape)
    {
        var type = new TensorTypeProto { ElemType = (int)TensorElementType.Float, Shape = new TensorShapeProto() };
        type.Shape.Dim.Add(shape.Select(d => d > 0 ? new DimensionProto { DimValue = d } : new DimensionProto { DimParam = "n" }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = type } };
    }
}
