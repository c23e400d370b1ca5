using Google.Protobuf;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>Makes new models from a graph: the same graph with inner tensors as further outputs, and a part cut out of it.</summary>
internal static class GraphSurgeon
{
    /// <summary>
    /// The bytes of the same model with inner tensors as further outputs. Protobuf merges a message that stands twice and concatenates
    /// its lists, so a few bytes behind the unchanged file are enough: no weight is parsed or rewritten, external data stays where it is.
    /// </summary>
    public static byte[] Tap(OnnxGraph graph, IEnumerable<string> tensors)
    {
        var present = graph.Outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var addition = new ModelProto { Graph = new GraphProto() };
        foreach (var tensor in tensors.Where(present.Add))
        {
            addition.Graph.Output.Add(new ValueInfoProto { Name = tensor });
        }

        var tail = addition.ToByteArray();
        using var file = new FileStream(graph.File, FileMode.Open, FileAccess.Read, FileShare.Read);
        var bytes = new byte[file.Length + tail.Length];
        file.ReadExactly(bytes.AsSpan(0, (int)file.Length));
        tail.CopyTo(bytes, file.Length);
        return bytes;
    }

    /// <summary>The nodes between two tensors as a model of its own, with the weights and functions that they use.</summary>
    /// <exception cref="ModelFolderException">The output also depends on something that does not come from the input.</exception>
    public static byte[] Cut(OnnxGraph graph, string input, string output, TensorElementType inputType)
    {
        var needed = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var weights = new Dictionary<string, GraphInitializer>(StringComparer.Ordinal);
        var open = new Stack<string>([output]);
        while (open.TryPop(out var tensor))
        {
            if (tensor.Length == 0 || tensor == input)
            {
                continue;
            }

            if (graph.Initializer(tensor) is { } weight)
            {
                weights.TryAdd(tensor, weight);
            }
            else if (graph.ProducerOf(tensor) is not { } node)
            {
                throw new ModelFolderException(
                    graph.File, $"the tensor '{output}' also depends on '{tensor}', which does not come from '{input}'.");
            }
            else if (needed.Add(node))
            {
                foreach (var source in node.Input.Concat(SubgraphCaptures.Of(node)))
                {
                    open.Push(source);
                }
            }
        }

        var model = new ModelProto
        {
            IrVersion = graph.Model.IrVersion,
            ProducerName = graph.Model.ProducerName,
            Graph = new GraphProto { Name = "projector" },
        };
        model.OpsetImport.Add(graph.Model.OpsetImport);
        model.Functions.Add(graph.Model.Functions);
        model.Graph.Node.Add(graph.Nodes.Where(needed.Contains));
        model.Graph.Initializer.Add(weights.Values.Select(w => WithData(graph, w)));
        model.Graph.Input.Add(new ValueInfoProto
        {
            Name = input,
            Type = new TypeProto { TensorType = new TensorTypeProto { ElemType = (int)inputType } },
        });
        model.Graph.Output.Add(new ValueInfoProto { Name = output });
        return model.ToByteArray();
    }

    private static TensorProto WithData(OnnxGraph graph, GraphInitializer weight)
    {
        if (!weight.IsSkipped)
        {
            return weight.Tensor;
        }

        var tensor = weight.Tensor.Clone();
        tensor.RawData = ByteString.CopyFrom(TensorData.ReadBytes(graph, weight));
        return tensor;
    }
}
