using Google.Protobuf;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>Makes new models from a graph: the same graph with inner tensors as further outputs, and a part cut out of it.</summary>
internal static class GraphSurgeon
{
    /// <summary>ONNX's AttributeProto.AttributeType.INT.</summary>
    private const int AttributeTypeInt = 2;

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

    /// <summary>
    /// The bytes of the same model with a further input that says which rows of the hidden states get logits
    /// (<see cref="OutputHead.RowsInput"/>). One node is put before the head; everything else is copied as it stands.
    /// </summary>
    /// <param name="graph">The decoder.</param>
    /// <param name="head">Its head.</param>
    public static byte[] ChooseRows(OnnxGraph graph, OutputHead head)
    {
        var file = File.ReadAllBytes(graph.File);
        using var model = new MemoryStream(file.Length + 1024);
        var (nodes, outputs) = (0, 0);
        var walker = new ProtoWalker(file, 0);
        while (walker.Next())
        {
            if (walker is not { Field: ModelProto.GraphFieldNumber, WireType: ProtoWalker.LengthDelimited })
            {
                model.Write(walker.Raw);
                continue;
            }

            using var changed = new MemoryStream(walker.Content.Length + 1024);
            var fields = new ProtoWalker(walker.Content, walker.ContentOrigin);
            while (fields.Next())
            {
                if (fields.Field == GraphProto.NodeFieldNumber && nodes++ == head.ProductIndex)
                {
                    WithChosenRows(graph.Nodes[head.ProductIndex]).WriteTo(changed);
                }
                else if (fields.Field == GraphProto.OutputFieldNumber && outputs++ == head.OutputIndex)
                {
                    WithOpenRows(graph.Model.Graph.Output[head.OutputIndex]).WriteTo(changed);
                }
                else
                {
                    changed.Write(fields.Raw);
                }
            }

            using var coded = new CodedOutputStream(model, leaveOpen: true);
            coded.WriteTag(ModelProto.GraphFieldNumber, WireFormat.WireType.LengthDelimited);
            coded.WriteLength((int)changed.Length);
            coded.Flush();
            changed.WriteTo(model);
        }

        return model.ToArray();
    }

    private static GraphProto WithChosenRows(NodeProto product)
    {
        var gather = new NodeProto { Name = OutputHead.ChosenStates, OpType = "Gather" };
        gather.Input.Add([product.Input[0], OutputHead.RowsInput]);
        gather.Output.Add(OutputHead.ChosenStates);
        gather.Attribute.Add(new AttributeProto { Name = "axis", I = 1, Type = AttributeTypeInt });
        var changed = product.Clone();
        changed.Input[0] = OutputHead.ChosenStates;
        var shape = new TensorShapeProto();
        shape.Dim.Add(new DimensionProto { DimParam = OutputHead.RowsInput });
        var graph = new GraphProto();
        graph.Node.Add([gather, changed]);
        graph.Input.Add(new ValueInfoProto
        {
            Name = OutputHead.RowsInput,
            Type = new TypeProto { TensorType = new TensorTypeProto { ElemType = (int)TensorElementType.Int64, Shape = shape } },
        });
        return graph;
    }

    private static GraphProto WithOpenRows(ValueInfoProto output)
    {
        var changed = output.Clone();
        changed.Type.TensorType.Shape.Dim[1] = new DimensionProto { DimParam = OutputHead.RowsInput };
        var graph = new GraphProto();
        graph.Output.Add(changed);
        return graph;
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
