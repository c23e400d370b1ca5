using Google.Protobuf;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>A graph that gives what it takes (genai-model-folder specification 10.1).</summary>
internal static class PassThroughGraph
{
    /// <summary>Old enough for every ONNX Runtime; <c>Identity</c> has not changed for float types since.</summary>
    private const int Opset = 14;
    private const int IrVersion = 8;

    /// <summary>The bytes of a model with one <c>Identity</c>.</summary>
    /// <param name="input">The name of the input.</param>
    /// <param name="output">The name of the output.</param>
    /// <param name="type">The element type of both.</param>
    /// <param name="rank">The rank of both, at least 1: the last axis has the width, the others are open.</param>
    /// <param name="width">The length of the last axis.</param>
    public static byte[] Create(string input, string output, TensorElementType type, int rank, int width)
    {
        var node = new NodeProto { OpType = "Identity" };
        node.Input.Add(input);
        node.Output.Add(output);
        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "ZoPrune.AI", Graph = new GraphProto { Name = "pass_through" } };
        model.OpsetImport.Add(new OperatorSetIdProto { Version = Opset });
        model.Graph.Node.Add(node);
        model.Graph.Input.Add(Value(input));
        model.Graph.Output.Add(Value(output));
        return model.ToByteArray();

        ValueInfoProto Value(string name)
        {
            var shape = new TensorShapeProto();
            for (var axis = 0; axis < rank - 1; axis++)
            {
                shape.Dim.Add(new DimensionProto { DimParam = $"axis_{axis}" });
            }

            shape.Dim.Add(new DimensionProto { DimValue = width });
            return new ValueInfoProto
            {
                Name = name,
                Type = new TypeProto { TensorType = new TensorTypeProto { ElemType = (int)type, Shape = shape } },
            };
        }
    }
}
