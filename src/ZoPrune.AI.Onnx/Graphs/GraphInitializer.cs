using Microsoft.ML.OnnxRuntime.Tensors;
using ZoPrune.AI.Onnx.Graphs.Proto;

namespace ZoPrune.AI.Onnx.Graphs;

/// <summary>A weight of a graph: what it is and where its bytes lie, without the bytes.</summary>
/// <param name="Tensor">Name, type, shape, and the data where it is small.</param>
/// <param name="Offset">
/// Where the data starts in the ONNX file, in bytes; -1 if the data is in <paramref name="Tensor"/> or in another file.
/// </param>
/// <param name="Length">How many bytes it has there.</param>
internal sealed record GraphInitializer(TensorProto Tensor, long Offset, long Length)
{
    private const int ExternalLocation = 1;

    public string Name => Tensor.Name;

    public IReadOnlyList<long> Shape => Tensor.Dims;

    public TensorElementType ElementType => (TensorElementType)Tensor.DataType;

    public bool IsExternal => Tensor.DataLocation == ExternalLocation;

    public bool IsSkipped => Offset >= 0;

    /// <summary>How many values it has; <c>null</c> if its shape is none.</summary>
    public long? Count => TensorShape.Count(Tensor.Dims);
}
