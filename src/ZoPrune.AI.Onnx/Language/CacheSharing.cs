using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>Tells whether a decoder can write its KV cache in place: past and present in one buffer, with room for more.</summary>
internal static class CacheSharing
{
    /// <summary>The operator that can write its present into the buffer of its past.</summary>
    private const string Operator = "GroupQueryAttention";

    /// <summary>The set of operators that it belongs to. One of this name in another set may do anything.</summary>
    private const string OperatorSet = "com.microsoft";

    /// <summary>Where it takes keys; values are one further.</summary>
    private const int PastInput = 3;

    /// <summary>Where it gives keys; values are one further.</summary>
    private const int PresentOutput = 1;

    /// <summary>Whether a decoder can, as the folder says it (GenAI), or by what the graph does where no folder says anything.</summary>
    public static bool IsPossible(ModelFolder folder, OnnxGraph decoder, IReadOnlyList<KeyValueLayer> layers)
    {
        if (layers.Any(l => l.IsState) || (folder.Layout == ModelFolderLayout.GenAI && !folder.Search.ShareBuffer))
        {
            return false;
        }

        var cache = layers.SelectMany(l => new[] { l.Past, l.Present }).ToHashSet(StringComparer.Ordinal);
        var readers = decoder.Nodes
            .SelectMany(node => node.Input.Concat(SubgraphCaptures.Of(node)).Where(cache.Contains).Select(name => (Name: name, Node: node)))
            .ToLookup(read => read.Name, read => read.Node, StringComparer.Ordinal);
        if (folder.Layout != ModelFolderLayout.GenAI)
        {
            return layers.All(layer => IsShareable(layer, readers));
        }

        NodeProto[] readersOfPasts = [.. layers.SelectMany(l => readers[l.Past])];
        return readersOfPasts.Length > 0 && readersOfPasts.All(IsOperator);
    }

    /// <summary>
    /// Whether a past may have more room than tokens: the operator is told the lengths beside it, and nothing else looks at it or at what
    /// becomes of it.
    /// </summary>
    private static bool IsShareable(KeyValueLayer layer, ILookup<string, NodeProto> readers)
    {
        if (layer.FixedCapacity is not null
            || readers[layer.Present].Any()
            || readers[layer.Past].ToArray() is not [var node]
            || !IsOperator(node))
        {
            return false;
        }

        var part = node.InputAt(PastInput) == layer.Past ? 0 : node.InputAt(PastInput + 1) == layer.Past ? 1 : -1;
        return part >= 0 && node.OutputAt(PresentOutput + part) == layer.Present;
    }

    private static bool IsOperator(NodeProto node) => node is { OpType: Operator, Domain: OperatorSet };
}
