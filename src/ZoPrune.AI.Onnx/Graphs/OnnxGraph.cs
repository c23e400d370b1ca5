using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>An ONNX file as a graph to walk in: nodes, inputs, outputs, where the weights lie. No weight is loaded.</summary>
internal sealed class OnnxGraph
{
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GraphInitializer> _initializers;

    private OnnxGraph(string file, ModelProto model, Dictionary<string, GraphInitializer> initializers)
    {
        File = file;
        Model = model;
        _initializers = initializers;
        foreach (var node in model.Graph.Node)
        {
            foreach (var output in node.Output)
            {
                if (output.Length > 0 && !_producers.TryAdd(output, node))
                {
                    throw new ModelFolderException(file, $"two nodes produce the tensor '{output}'.");
                }

                if (initializers.ContainsKey(output))
                {
                    throw new ModelFolderException(
                        file, $"the tensor '{output}' is a weight, and a node of kind {node.OpType} produces it, too.");
                }
            }
        }

        // Older exporters list weights among the inputs.
        Inputs = [.. model.Graph.Input.Where(i => !initializers.ContainsKey(i.Name)).Select(ToValue)];
        Outputs = [.. model.Graph.Output.Select(ToValue)];
        if (Inputs.FirstOrDefault(i => _producers.ContainsKey(i.Name)) is { } input)
        {
            throw new ModelFolderException(
                file, $"the tensor '{input.Name}' is an input, and a node of kind {_producers[input.Name].OpType} produces it, too.");
        }
    }

    public string File { get; }

    /// <summary>The file's content without large weights.</summary>
    public ModelProto Model { get; }

    public IReadOnlyList<GraphValue> Inputs { get; }

    public IReadOnlyList<GraphValue> Outputs { get; }

    public IReadOnlyList<NodeProto> Nodes => Model.Graph.Node;

    /// <summary>Reads a file and checks that it holds together: no node and no weight can be looked at that leads to nothing.</summary>
    /// <exception cref="ModelFolderException">The file is missing or damaged, or its external data is.</exception>
    public static OnnxGraph Read(string file)
    {
        var (model, initializers) = ModelSkeleton.Read(file);
        var graph = new OnnxGraph(file, model, initializers);
        WeightCheck.Require(file, initializers.Values, model.Graph);
        WiringCheck.Require(graph);
        return graph;
    }

    /// <summary>All weights, in no order.</summary>
    public IReadOnlyCollection<GraphInitializer> Initializers => _initializers.Values;

    public NodeProto? ProducerOf(string tensor) => _producers.GetValueOrDefault(tensor);

    public GraphInitializer? Initializer(string tensor) => _initializers.GetValueOrDefault(tensor);

    public GraphValue? FindInput(string name) => Inputs.FirstOrDefault(i => i.Name == name);

    public GraphValue? FindOutput(string name) => Outputs.FirstOrDefault(o => o.Name == name);

    public GraphValue Input(string name) =>
        FindInput(name) ?? throw new ModelFolderException(File, $"has no input '{name}'; its inputs are {List(Inputs)}.");

    public GraphValue Output(string name) =>
        FindOutput(name) ?? throw new ModelFolderException(File, $"has no output '{name}'; its outputs are {List(Outputs)}.");

    private static string List(IEnumerable<GraphValue> values) => string.Join(", ", values.Select(v => "'" + v.Name + "'"));

    private static GraphValue ToValue(ValueInfoProto info)
    {
        var tensor = info.Type?.TensorType;
        IReadOnlyList<long?>? dimensions = tensor?.Shape is null
            ? null
            : [.. tensor.Shape.Dim.Select(d => d.ValueCase == DimensionProto.ValueOneofCase.DimValue ? d.DimValue : (long?)null)];
        return new GraphValue(info.Name, (TensorElementType)(tensor?.ElemType ?? 0), dimensions);
    }
}
