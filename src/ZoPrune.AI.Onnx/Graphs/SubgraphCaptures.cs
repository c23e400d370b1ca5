using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>
/// The tensors that bodies of loops and branches take from the graph around them, without naming them as inputs of the node.
/// </summary>
internal static class SubgraphCaptures
{
    /// <summary>Bodies in bodies: more levels than any exporter writes, and few enough for the stack.</summary>
    private const int MaxDepth = 64;

    /// <summary>The names that a node's bodies use and do not define themselves.</summary>
    /// <exception cref="InvalidDataException">Bodies are nested too deep.</exception>
    public static IEnumerable<string> Of(NodeProto node) => Of(node, 0);

    private static IEnumerable<string> Of(NodeProto node, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException($"not a valid ONNX file: the bodies of node '{node.Name}' are nested more than {MaxDepth} deep.");
        }

        return node.Bodies().SelectMany(body => Of(body, depth));
    }

    private static IEnumerable<string> Of(GraphProto body, int depth)
    {
        var own = body.Input.Select(i => i.Name)
            .Concat(body.Initializer.Select(i => i.Name))
            .Concat(body.Node.SelectMany(n => n.Output))
            .ToHashSet(StringComparer.Ordinal);
        return body.Node.SelectMany(n => n.Input.Concat(Of(n, depth + 1)))
            .Concat(body.Output.Select(o => o.Name))
            .Where(name => name.Length > 0 && !own.Contains(name));
    }
}
