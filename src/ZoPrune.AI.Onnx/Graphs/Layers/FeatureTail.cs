using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs.Layers;

/// <summary>
/// Walks back from the vision graph's output to the last affine map, over everything that only moves rows: views, scaling by a number,
/// reordering, constant rows put between, loops over images and branches whose bodies do no more than that.
/// </summary>
internal sealed class FeatureTail
{
    /// <summary>More steps than any real tail has; a graph that needs more is not understood.</summary>
    private const int MaxSteps = 4096;

    private readonly OnnxGraph _graph;
    private readonly HashSet<(GraphScope Scope, string Tensor)> _seen = [];
    private readonly Stack<(GraphScope Scope, string Tensor, string Uncast)> _open = [];
    private readonly Dictionary<GraphProto, GraphScope> _bodies = new(ReferenceEqualityComparer.Instance);
    private bool _keepsOrder = true;
    private bool _understood = true;

    private FeatureTail(OnnxGraph graph) => _graph = graph;

    /// <summary>Finds the affine map that all rows come from.</summary>
    /// <returns>
    /// The map, its result behind a change of the element type, and whether rows stay in order; <c>null</c> if rows come from several
    /// maps, from none, or in a way that is not understood.
    /// </returns>
    public static (LinearLayer Last, string Output, bool KeepsOrder)? Find(OnnxGraph graph, string output) =>
        new FeatureTail(graph).Walk(output);

    private (LinearLayer Last, string Output, bool KeepsOrder)? Walk(string output)
    {
        LinearLayer? last = null;
        var result = "";
        Push(new GraphScope(_graph), output, output);
        for (var steps = 0; _open.TryPop(out var at); steps++)
        {
            if (steps > MaxSteps || !_understood)
            {
                return null;
            }

            if (at.Scope.IsRoot && LinearLayer.Find(_graph, at.Tensor) is { } linear)
            {
                if (last is not null && last.Output != linear.Output)
                {
                    return null;
                }

                result = last is null || result == at.Uncast ? at.Uncast : linear.Output;
                last = linear;
            }
            else
            {
                Step(at.Scope, at.Tensor, at.Uncast);
            }
        }

        return last is null || !_understood ? null : (last, result, _keepsOrder);
    }

    private void Step(GraphScope scope, string tensor, string uncast)
    {
        if (scope.IsWeight(tensor))
        {
            return;
        }

        var node = scope.ProducerOf(tensor);
        if (node is null)
        {
            StepOut(scope, tensor);
        }
        else if (node.OpType == "Constant")
        {
            // Rows that stand in the file come from no row of V.
        }
        else if (node.OpType is "Loop" or "If" or "Scan")
        {
            StepIn(scope, node, tensor);
        }
        else if (RowRule.Of(node) is { } rule)
        {
            _keepsOrder &= rule.KeepsOrder;
            foreach (var source in rule.Sources(node))
            {
                Push(scope, source, node.OpType == "Cast" && scope.IsRoot ? uncast : source);
            }
        }
        else if (Scaled(scope, node) is { } scaled)
        {
            Push(scope, scaled, scaled);
        }
        else
        {
            // Computed rows are no visual tokens only if they are the same for every image.
            _understood &= scope.IsRoot && !DependsOnInputs(tensor);
        }
    }

    /// <summary>From an input of a body to what the node around it puts there.</summary>
    private void StepOut(GraphScope scope, string tensor)
    {
        var index = scope.InputIndex(tensor);
        if (scope.IsRoot || index < 0)
        {
            _understood = false;
            return;
        }

        var owner = scope.Owner!;
        if (owner.OpType == "Loop")
        {
            // Inputs of a loop: trip count, condition, carried values; of its body: iteration, condition, carried values.
            if (index >= 2)
            {
                Push(scope.Outer, owner.InputAt(index), owner.InputAt(index));
                PushBody(scope, index - 1);
            }
        }
        else if (owner.OpType == "Scan")
        {
            Push(scope.Outer, owner.InputAt(index), owner.InputAt(index));
            if (index < owner.Input.Count - owner.Int("num_scan_inputs"))
            {
                PushBody(scope, index);
            }
        }
        else
        {
            _understood = false;
        }
    }

    /// <summary>From an output of a loop or branch to the outputs of its bodies, and to what a loop returns that never runs.</summary>
    private void StepIn(GraphScope scope, NodeProto node, string tensor)
    {
        _keepsOrder &= node.OpType == "If";
        var index = node.Output.IndexOf(tensor);
        switch (node.OpType)
        {
            case "Loop":
                if (index < node.Input.Count - 2)
                {
                    Push(scope, node.InputAt(index + 2), node.InputAt(index + 2));
                }

                Enter("body", index + 1);
                break;
            case "Scan":
                if (index < node.Input.Count - node.Int("num_scan_inputs"))
                {
                    Push(scope, node.InputAt(index), node.InputAt(index));
                }

                Enter("body", index);
                break;
            default:
                Enter("then_branch", index);
                Enter("else_branch", index);
                break;
        }

        void Enter(string attribute, int output)
        {
            if (node.Graph(attribute) is not { } body)
            {
                _understood = false;
                return;
            }

            if (!_bodies.TryGetValue(body, out var inner))
            {
                _bodies.Add(body, inner = new GraphScope(scope, node, body));
            }

            PushBody(inner, output);
        }
    }

    private void PushBody(GraphScope scope, int output)
    {
        if (output >= scope.Body!.Output.Count)
        {
            _understood = false;
            return;
        }

        Push(scope, scope.Body.Output[output].Name, scope.Body.Output[output].Name);
    }

    private void Push(GraphScope scope, string tensor, string uncast)
    {
        if (tensor.Length > 0 && _seen.Add((scope.Resolve(tensor), tensor)))
        {
            _open.Push((scope.Resolve(tensor), tensor, uncast));
        }
    }

    private string? Scaled(GraphScope scope, NodeProto node)
    {
        if (node.OpType is not ("Mul" or "Div") || !scope.IsRoot)
        {
            return null;
        }

        return ConstantTensor.TryReadScalar(_graph, node.InputAt(1), out _) ? node.InputAt(0)
            : node.OpType == "Mul" && ConstantTensor.TryReadScalar(_graph, node.InputAt(0), out _) ? node.InputAt(1)
            : null;
    }

    private bool DependsOnInputs(string tensor)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([tensor]);
        while (open.TryPop(out var current))
        {
            if (current.Length == 0 || !seen.Add(current) || _graph.Initializer(current) is not null)
            {
                continue;
            }

            // Bodies may use any tensor around them.
            if (_graph.ProducerOf(current) is not { } node || node.Attribute.Any(a => a.G is not null))
            {
                return true;
            }

            foreach (var input in node.Input)
            {
                open.Push(input);
            }
        }

        return false;
    }
}
