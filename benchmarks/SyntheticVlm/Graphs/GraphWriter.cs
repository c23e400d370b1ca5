using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using ZoPrune.AI.Onnx.Graphs.Proto;
using ZoPrune.AI.SyntheticVlm.Weights;

namespace ZoPrune.AI.SyntheticVlm.Graphs;

/// <summary>
/// Writes one ONNX file: nodes and small constants are collected, weights go to a file of external data as soon as they are asked for.
/// </summary>
internal sealed class GraphWriter : IDisposable
{
    private const int IrVersion = 10;
    private const int Opset = 21;
    private const int ExternalLocation = 1;
    private const string ContribDomain = "com.microsoft";

    /// <summary>Operators of ONNX Runtime's own domain. <c>SimplifiedLayerNormalization</c> is none: exporters write it without.</summary>
    private static readonly HashSet<string> s_contrib = new(StringComparer.Ordinal)
    {
        "GroupQueryAttention", "MatMulNBits", "MRotaryEmbedding", "MultiHeadAttention", "QuickGelu", "RotaryEmbedding",
        "SkipSimplifiedLayerNormalization",
    };

    private readonly string _file;
    private readonly string _dataName;
    private readonly ulong _seed;
    private readonly ParameterCounts _counts;
    private readonly WeightStream _weights;
    private readonly GraphProto _graph;
    private readonly Dictionary<string, string> _constants = new(StringComparer.Ordinal);
    private string _part = "";

    /// <param name="file">The ONNX file.</param>
    /// <param name="dataFile">The file of its weights, in the same folder.</param>
    /// <param name="name">The name of the graph; weights differ with it.</param>
    /// <param name="seed">The seed of all weights.</param>
    /// <param name="counts">Counts parameters.</param>
    public GraphWriter(string file, string dataFile, string name, ulong seed, ParameterCounts counts)
    {
        _file = file;
        _dataName = Path.GetFileName(dataFile);
        _seed = seed;
        _counts = counts;
        _weights = new WeightStream(dataFile);
        _graph = new GraphProto { Name = name };
    }

    /// <summary>What the weights that follow belong to, for the counts.</summary>
    public void Part(string name) => _part = name;

    /// <summary>Adds an input.</summary>
    /// <returns>Its name.</returns>
    public string Input(string name, ElementType type, params ReadOnlySpan<Dimension> dimensions)
    {
        _graph.Input.Add(Value(name, type, dimensions));
        return name;
    }

    /// <summary>Declares an output, which some node writes.</summary>
    public void Output(string name, ElementType type, params ReadOnlySpan<Dimension> dimensions) =>
        _graph.Output.Add(Value(name, type, dimensions));

    /// <summary>Adds a node with one output, which has the node's name.</summary>
    /// <returns>That name.</returns>
    public string Node(string op, string name, IReadOnlyList<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        Node(op, name, inputs, [name], attributes);
        return name;
    }

    /// <summary>Adds a node.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="name">The node's name.</param>
    /// <param name="inputs">Names of tensors; empty where an optional input is left out.</param>
    /// <param name="outputs">Names of tensors; empty where an optional output is left out.</param>
    /// <param name="attributes">Its attributes.</param>
    public void Node(
        string op, string name, IReadOnlyList<string> inputs, IReadOnlyList<string> outputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        var node = new NodeProto { OpType = op, Name = name, Domain = s_contrib.Contains(op) ? ContribDomain : "" };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        foreach (var attribute in attributes)
        {
            node.Attribute.Add(attribute);
        }

        _graph.Node.Add(node);
    }

    /// <summary>A constant vector of integers.</summary>
    public string Integers(params ReadOnlySpan<long> values) =>
        Constant([values.Length], values, "[" + string.Join(",", values.ToArray()) + "]");

    /// <summary>A constant integer.</summary>
    public string Integer(long value) => Constant([], [value], value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A small constant of float32 that is written into the graph.</summary>
    public string Constant(string name, long[] shape, ReadOnlySpan<float> values)
    {
        AddInitializer(name, ElementType.Float32, shape).RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values));
        return name;
    }

    /// <summary>Random weights.</summary>
    /// <param name="name">Their name.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="deviation">Their standard deviation.</param>
    /// <param name="mean">Their mean.</param>
    /// <param name="silent">How many of the first columns are zero.</param>
    /// <returns>The name.</returns>
    public string Weights(string name, long[] shape, double deviation, float mean = 0, int silent = 0)
    {
        var count = Count(shape);
        _counts.Add(_part, count);
        using var region = External(name, ElementType.Float32, shape, count * sizeof(float));
        var numbers = Numbers(name);
        var width = (int)shape[^1];
        var most = Math.Min(width, WeightRegion.BufferBytes / sizeof(float));
        var row = new float[most];
        for (var done = 0L; done < count;)
        {
            var column = (int)(done % width);
            var part = row.AsSpan(0, Math.Min(most, width - column));
            numbers.Fill(part, deviation);
            if (mean != 0)
            {
                foreach (ref var value in part)
                {
                    value += mean;
                }
            }

            part[..Math.Clamp(silent - column, 0, part.Length)].Clear();
            region.Write(part);
            done += part.Length;
        }

        region.Complete();
        return name;
    }

    /// <summary>A random matrix of 4 bits a weight.</summary>
    /// <param name="name">The name of the matrix.</param>
    /// <param name="outputs">Rows of the quantised matrix.</param>
    /// <param name="inputs">Columns, a multiple of <see cref="BlockQuantizer.BlockSize"/>.</param>
    /// <param name="deviation">Standard deviation before it is quantised.</param>
    /// <param name="silent">How many of the first rows are zero.</param>
    /// <returns>The names of the values, uint8 [outputs, inputs / 32, 16], and of the scales, float32 [outputs, inputs / 32].</returns>
    /// <exception cref="ArgumentException">The inputs do not make whole blocks.</exception>
    public (string Values, string Scales) QuantizedWeights(string name, int outputs, int inputs, double deviation, int silent = 0)
    {
        if (inputs % BlockQuantizer.BlockSize != 0)
        {
            throw new ArgumentException($"{name}: {inputs} inputs are no multiple of {BlockQuantizer.BlockSize}.", nameof(inputs));
        }

        var blocks = inputs / BlockQuantizer.BlockSize;
        _counts.Add(_part, (long)outputs * inputs);
        var (values, scales) = (name + "_Q4", name + "_scales");
        long[] shape = [outputs, blocks, BlockQuantizer.BlockBytes];
        using var valueRegion = External(values, ElementType.UInt8, shape, Count(shape));
        using var scaleRegion = External(scales, ElementType.Float32, shape[..^1], Count(shape[..^1]) * sizeof(float));
        BlockQuantizer.Write(Numbers(name), outputs, inputs, deviation, silent, valueRegion, scaleRegion);
        valueRegion.Complete();
        scaleRegion.Complete();
        return (values, scales);
    }

    /// <summary>Tables of rotary positions, float32 [positions, pairs]; they are no parameters.</summary>
    /// <returns>The names of cosines and sines.</returns>
    public (string Cosines, string Sines) RotaryTables(double theta, int positions, int pairs)
    {
        var bytes = (long)positions * pairs * sizeof(float);
        using var cosines = External("cos_cache", ElementType.Float32, [positions, pairs], bytes);
        using var sines = External("sin_cache", ElementType.Float32, [positions, pairs], bytes);
        RotaryTable.Write(RotaryTable.Frequencies(theta, pairs), positions, cosines, sines);
        cosines.Complete();
        sines.Complete();
        return ("cos_cache", "sin_cache");
    }

    /// <summary>Writes the ONNX file.</summary>
    public void Save()
    {
        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "SyntheticVlm", Graph = _graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = Opset });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = ContribDomain, Version = 1 });
        using var stream = File.Create(_file);
        model.WriteTo(stream);
    }

    public void Dispose() => _weights.Dispose();

    private NormalNumbers Numbers(string name) => new(NormalNumbers.SeedOf(_seed, _graph.Name + "/" + name));

    private string Constant(long[] shape, ReadOnlySpan<long> values, string text)
    {
        if (!_constants.TryGetValue(text, out var name))
        {
            name = "/constants/" + text;
            AddInitializer(name, ElementType.Int64, shape).RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values));
            _constants.Add(text, name);
        }

        return name;
    }

    private WeightRegion External(string name, ElementType type, long[] shape, long bytes)
    {
        var region = _weights.Reserve(bytes);
        var tensor = AddInitializer(name, type, shape);
        tensor.DataLocation = ExternalLocation;
        Add("location", _dataName);
        Add("offset", region.Offset.ToString(CultureInfo.InvariantCulture));
        Add("length", bytes.ToString(CultureInfo.InvariantCulture));
        return region;

        void Add(string key, string value) => tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    private TensorProto AddInitializer(string name, ElementType type, long[] shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type };
        tensor.Dims.AddRange(shape);
        _graph.Initializer.Add(tensor);
        return tensor;
    }

    private static ValueInfoProto Value(string name, ElementType type, ReadOnlySpan<Dimension> dimensions)
    {
        var shape = new TensorShapeProto();
        foreach (var dimension in dimensions)
        {
            shape.Dim.Add(dimension.ToProto());
        }

        var tensor = new TensorTypeProto { ElemType = (int)type, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    private static long Count(long[] shape) => shape.Aggregate(1L, (product, side) => product * side);
}
