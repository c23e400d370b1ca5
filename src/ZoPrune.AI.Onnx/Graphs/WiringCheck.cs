using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>Checks that every tensor that is used comes from somewhere, and that no node waits for itself.</summary>
internal static class WiringCheck
{
    /// <param name="graph">The graph; its nodes may stand in any order.</param>
    /// <exception cref="ModelFolderException">A tensor comes from nowhere, or nodes form a cycle.</exception>
    public static void Require(OnnxGraph graph)
    {
        var given = graph.Model.Graph.Input.Select(i => i.Name)
            .Concat(graph.Model.Graph.SparseInitializer.Select(s => s.Values?.Name ?? ""))
            .ToHashSet(StringComparer.Ordinal);
        var sources = graph.Nodes.ToDictionary(n => n, n => Sources(graph, n), (IEqualityComparer<NodeProto>)ReferenceEqualityComparer.Instance);
        foreach (var (node, names) in sources)
        {
            foreach (var name in names.Where(name => !IsThere(name)))
            {
                throw new ModelFolderException(
                    graph.File, $"the node '{node.Name}' of kind {node.OpType} takes the tensor '{name}', which nothing produces.");
            }
        }

        foreach (var output in graph.Outputs.Where(o => !IsThere(o.Name)))
        {
            throw new ModelFolderException(graph.File, $"nothing produces the output '{output.Name}'.");
        }

        RequireOrder(graph, sources);

        bool IsThere(string name) => given.Contains(name) || graph.Initializer(name) is not null || graph.ProducerOf(name) is not null;
    }

    private static string[] Sources(OnnxGraph graph, NodeProto node)
    {
        try
        {
            return [.. node.Input.Concat(SubgraphCaptures.Of(node)).Where(name => name.Length > 0).Distinct(StringComparer.Ordinal)];
        }
        catch (InvalidDataException e)
        {
            throw new ModelFolderException(graph.File, e.Message, e);
        }
    }

    /// <summary>Takes away nodes that wait for none of the others, again and again; what stays waits in a circle.</summary>
    private static void RequireOrder(OnnxGraph graph, Dictionary<NodeProto, string[]> sources)
    {
        var comparer = (IEqualityComparer<NodeProto>)ReferenceEqualityComparer.Instance;
        var waiting = new Dictionary<NodeProto, int>(comparer);
        var users = new Dictionary<NodeProto, List<NodeProto>>(comparer);
        var ready = new Queue<NodeProto>();
        foreach (var (node, names) in sources)
        {
            var producers = names.Select(graph.ProducerOf).OfType<NodeProto>().Distinct(comparer).ToArray();
            waiting.Add(node, producers.Length);
            if (producers.Length == 0)
            {
                ready.Enqueue(node);
            }

            foreach (var producer in producers)
            {
                if (!users.TryGetValue(producer, out var list))
                {
                    users.Add(producer, list = []);
                }

                list.Add(node);
            }
        }

        var done = 0;
        while (ready.TryDequeue(out var node))
        {
            done++;
            foreach (var user in users.GetValueOrDefault(node) ?? [])
            {
                if (--waiting[user] == 0)
                {
                    ready.Enqueue(user);
                }
            }
        }

        if (done < sources.Count)
        {
            var (tensor, node) = OnCycle(graph, sources, waiting);
            throw new ModelFolderException(graph.File, $"the tensor '{tensor}', of a node of kind {node.OpType}, depends on itself.");
        }
    }

    /// <summary>Goes back from a node that waits to one that it waits for, until one comes up twice.</summary>
    private static (string Tensor, NodeProto Node) OnCycle(
        OnnxGraph graph, Dictionary<NodeProto, string[]> sources, Dictionary<NodeProto, int> waiting)
    {
        var seen = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var node = sources.Keys.First(n => waiting[n] > 0);
        var tensor = node.Output.FirstOrDefault() ?? "";
        while (seen.Add(node))
        {
            tensor = sources[node].First(name => graph.ProducerOf(name) is { } producer && waiting[producer] > 0);
            node = graph.ProducerOf(tensor)!;
        }

        return (tensor, node);
    }
}
