using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs;
using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Vision;

/// <summary>Gives image tensors to a graph in the element type and rank that it asks for.</summary>
internal static class TensorFeed
{
    /// <param name="tensor">The values.</param>
    /// <param name="input">What the graph wants.</param>
    /// <param name="layout">Decides how float32 becomes float16: GenAI has a rounding of its own.</param>
    /// <param name="file">The graph's file, for messages.</param>
    /// <param name="buffers">Where converted floats lie; <c>null</c>: in an array of their own.</param>
    public static OrtValue Create(
        ImageTensor tensor, GraphValue input, ModelFolderLayout layout, string file, PictureBuffers? buffers = null)
    {
        var shape = Fit(tensor, input, file);
        return (input.ElementType, tensor.ElementType) switch
        {
            (TensorElementType.Float, ImageTensorType.Float32) => Own(tensor.Singles, shape),
            (TensorElementType.Int64, ImageTensorType.Int64) => Own(tensor.Int64s, shape),
            (TensorElementType.Float, ImageTensorType.Int64) => Own<float>(Array.ConvertAll(tensor.Int64s.ToArray(), v => (float)v), shape),
            (TensorElementType.Int32, ImageTensorType.Int64) => Own<int>(Array.ConvertAll(tensor.Int64s.ToArray(), v => checked((int)v)), shape),
            (TensorElementType.Bool, ImageTensorType.Bool) => Own(tensor.Booleans, shape),
            (TensorElementType.Int64, ImageTensorType.Bool) => Own<long>(Array.ConvertAll(tensor.Booleans.ToArray(), v => v ? 1L : 0L), shape),
            (TensorElementType.Float16, ImageTensorType.Float32) => OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, Floats.ToHalves(tensor.Singles.Span, layout, buffers), shape),
            (TensorElementType.BFloat16, ImageTensorType.Float32) => OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, Floats.ToBrainFloats(tensor.Singles.Span, buffers), shape),
            (TensorElementType.Float, ImageTensorType.Bool) => Own<float>(Array.ConvertAll(tensor.Booleans.ToArray(), v => v ? 1f : 0f), shape),
            _ => throw new NotSupportedException(
                $"{file}: the graph wants {input}, the image processing gives {tensor}; this conversion is not supported."),
        };
    }

    // ONNX Runtime's managed API takes writable memory although it only reads inputs.
    private static OrtValue Own<T>(ReadOnlyMemory<T> memory, long[] shape)
        where T : unmanaged => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, MemoryMarshal.AsMemory(memory), shape);

    /// <summary>The tensor's shape with as many leading axes of length 1 as the graph has.</summary>
    /// <exception cref="ModelFolderException">The graph wants another shape.</exception>
    public static long[] Fit(ImageTensor tensor, GraphValue input, string file)
    {
        var shape = Array.ConvertAll(tensor.Shape.ToArray(), d => (long)d);
        if (input.Dimensions is not { } dimensions)
        {
            return shape;
        }

        var fitted = shape.AsSpan();
        while (fitted.Length > dimensions.Count && fitted[0] == 1)
        {
            fitted = fitted[1..];
        }

        long[] result = [.. Enumerable.Repeat(1L, Math.Max(0, dimensions.Count - fitted.Length)), .. fitted];
        for (var i = 0; i < result.Length; i++)
        {
            if (result.Length != dimensions.Count || (dimensions[i] is >= 0 and var fixedSize && fixedSize != result[i]))
            {
                throw new ModelFolderException(
                    file,
                    $"the image processing gives [{string.Join(", ", result)}], but the graph wants {input}. The image processing does not belong to this graph.");
            }
        }

        return result;
    }
}
