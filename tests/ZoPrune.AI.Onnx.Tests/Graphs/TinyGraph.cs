using Google.Protobuf;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.Testing;

namespace ZoPrune.AI.Onnx.Tests.Graphs;

/// <summary>Writes small ONNX files node by node, or changes given ones.</summary>
internal sealed class TinyGraph
{
    private readonly ModelProto _model;
    private int _front;

    public TinyGraph()
    {
        _model = new ModelProto { IrVersion = 9, Graph = new GraphProto { Name = "tiny" } };
        _model.OpsetImport.Add(new OperatorSetIdProto { Version = 20 });
        _model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
    }

    public TinyGraph(string input, params long[] shape)
        : this() => Input(input, TensorElementType.Float, shape);

    private TinyGraph(ModelProto model) => _model = model;

    /// <summary>Opens a file to change it.</summary>
    public static TinyGraph Open(string file) => new(ModelProto.Parser.ParseFrom(File.ReadAllBytes(file)));

    /// <summary>Adds an input; 0 stands for an open size.</summary>
    public TinyGraph Input(string name, TensorElementType type, params long[] shape)
    {
        _model.Graph.Input.Add(Value(name, shape, type));
        return this;
    }

    /// <summary>Adds an output; 0 stands for an open size.</summary>
    public TinyGraph Output(string name, TensorElementType type, params long[] shape)
    {
        _model.Graph.Output.Add(Value(name, shape, type));
        return this;
    }

    /// <summary>Takes an input away; nodes that read it need another source.</summary>
    public TinyGraph RemoveInput(string name)
    {
        Assert.True(_model.Graph.Input.Remove(_model.Graph.Input.Single(i => i.Name == name)));
        return this;
    }

    /// <summary>Lets a weight also be an input, as graphs with exchangeable weights do.</summary>
    public TinyGraph MakeOverridable(out string name)
    {
        var weight = _model.Graph.Initializer.First(i => i.DataType == (int)TensorElementType.Float && i.Dims.Count == 2);
        name = weight.Name;
        return Input(name, TensorElementType.Float, [.. weight.Dims]);
    }

    /// <summary>Gives an input or an output another name.</summary>
    public TinyGraph Rename(string from, string to)
    {
        foreach (var value in _model.Graph.Input.Concat(_model.Graph.Output).Where(v => v.Name == from))
        {
            value.Name = to;
        }

        foreach (var node in _model.Graph.Node)
        {
            Replace(node.Input);
            Replace(node.Output);
        }

        return this;

        void Replace(Google.Protobuf.Collections.RepeatedField<string> names)
        {
            for (var i = 0; i < names.Count; i++)
            {
                names[i] = names[i] == from ? to : names[i];
            }
        }
    }

    /// <summary>Renames what the nodes write as an output, so that nodes behind can write the output itself.</summary>
    public TinyGraph Unbind(string output, string inner)
    {
        Rename(output, inner);
        _model.Graph.Output.Single(o => o.Name == inner).Name = output;
        return this;
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
        _model.Graph.Node.Add(Create(op, inputs, outputs, domain, attributes));
        return this;
    }

    /// <summary>A node in front of those that were there.</summary>
    public TinyGraph First(string op, string[] inputs, string output, params AttributeProto[] attributes)
    {
        _model.Graph.Node.Insert(_front++, Create(op, inputs, [output], "", attributes));
        return this;
    }

    public string Save(string output, params long[] shape)
    {
        Output(output, TensorElementType.Float, shape);
        var file = Path.Combine(TemporaryFolders.Create(), "vision.onnx");
        Write(file);
        return file;
    }

    public void Write(string file) => File.WriteAllBytes(file, _model.ToByteArray());

    public static AttributeProto Int(string name, long value) => new() { Name = name, Type = 2, I = value };

    public static AttributeProto Text(string name, string value) => new() { Name = name, Type = 3, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Number(string name, float value) => new() { Name = name, Type = 1, F = value };

    public static AttributeProto Ints(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = 7 };
        attribute.Ints.Add(values);
        return attribute;
    }

    private static NodeProto Create(string op, string[] inputs, string[] outputs, string domain, AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = op, Domain = domain, Name = outputs[0] + "_node" };
        node.Input.Add(inputs);
        node.Output.Add(outputs);
        node.Attribute.Add(attributes);
        return node;
    }

    private static ValueInfoProto Value(string name, long[] shape, TensorElementType element)
    {
        // Every open size has its own name: sizes with one name must be equal.
        var type = new TensorTypeProto { ElemType = (int)element, Shape = new TensorShapeProto() };
        type.Shape.Dim.Add(shape.Select(
            (d, axis) => d > 0 ? new DimensionProto { DimValue = d } : new DimensionProto { DimParam = $"{name}_{axis}" }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = type } };
    }
}
