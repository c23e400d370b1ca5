using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>
/// Where a tensor's name is looked up: in the graph itself, or in the body of a loop or branch and then in what surrounds it.
/// </summary>
internal sealed class GraphScope
{
    private readonly OnnxGraph _graph;
    private readonly GraphScope? _outer;
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _constants = new(StringComparer.Ordinal);

    /// <summary>The graph itself.</summary>
    public GraphScope(OnnxGraph graph) => _graph = graph;

    /// <summary>A body of a node.</summary>
    public GraphScope(GraphScope outer, NodeProto owner, GraphProto body)
    {
        (_graph, _outer, Owner, Body) = (outer._graph, outer, owner, body);
        foreach (var node in body.Node)
        {
            foreach (var output in node.Output)
            {
                _producers[output] = node;
            }
        }

        foreach (var constant in body.Initializer)
        {
            _constants[constant.Name] = constant;
        }
    }

    /// <summary>The node that the body belongs to; <c>null</c> for the graph itself.</summary>
    public NodeProto? Owner { get; }

    /// <summary>The body; <c>null</c> for the graph itself.</summary>
    public GraphProto? Body { get; }

    /// <summary>What surrounds the body.</summary>
    public GraphScope Outer => _outer ?? throw new InvalidOperationException("The graph itself has no surroundings.");

    public bool IsRoot => _outer is null;

    /// <summary>The scope that a name belongs to, seen from here.</summary>
    public GraphScope Resolve(string tensor) =>
        _outer is null || _producers.ContainsKey(tensor) || _constants.ContainsKey(tensor) || InputIndex(tensor) >= 0
            ? this
            : _outer.Resolve(tensor);

    /// <summary>The node that produces a name that belongs to this scope; <c>null</c> for inputs and weights.</summary>
    public NodeProto? ProducerOf(string tensor) => _outer is null ? _graph.ProducerOf(tensor) : _producers.GetValueOrDefault(tensor);

    /// <summary>Whether a name that belongs to this scope is a weight.</summary>
    public bool IsWeight(string tensor) => _outer is null ? _graph.Initializer(tensor) is not null : _constants.ContainsKey(tensor);

    /// <summary>Which input of the body a name is; -1 if it is none.</summary>
    public int InputIndex(string tensor)
    {
        for (var i = 0; i < (Body?.Input.Count ?? 0); i++)
        {
            if (Body!.Input[i].Name == tensor)
            {
                return i;
            }
        }

        return -1;
    }
}
