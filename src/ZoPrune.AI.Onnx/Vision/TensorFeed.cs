using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Vision;

/// <summary>Gives image tensors to a graph in the element type that it asks for.</summary>
internal static class TensorFeed
{
    public static OrtValue Create(ImageTensor tensor, GraphValue input, string file)
    {
        var shape = Array.ConvertAll(tensor.Shape.ToArray(), d => (long)d);
        if (input.Dimensions is { } dimensions && !Fits(shape, dimensions))
        {
            throw new ModelFolderException(
                file, $"the image operations give [{string.Join(", ", shape)}], but the graph wants {input}. The operation list does not belong to this graph.");
        }

        return (input.ElementType, tensor.ElementType) switch
        {
            (TensorElementType.Float, ImageTensorType.Float32) => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, Writable(tensor.Singles), shape),
            (TensorElementType.Int64, ImageTensorType.Int64) => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, Writable(tensor.Int64s), shape),
            _ => throw new NotSupportedException(
                $"{file}: the graph wants {input}, the image operations give {tensor.ElementType}; this conversion is not supported yet."),
        };
    }

    private static bool Fits(long[] shape, IReadOnlyList<long?> dimensions)
    {
        if (shape.Length != dimensions.Count)
        {
            return false;
        }

        for (var i = 0; i < shape.Length; i++)
        {
            if (dimensions[i] is > 0 and var fixedSize && fixedSize != shape[i])
            {
                return false;
            }
        }

        return true;
    }

    // ONNX Runtime's managed API takes writable memory although it only reads inputs.
    private static Memory<T> Writable<T>(ReadOnlyMemory<T> memory) => System.Runtime.InteropServices.MemoryMarshal.AsMemory(memory);
}
