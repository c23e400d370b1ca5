using Microsoft.ML.OnnxRuntime.Tensors;

namespace ZoPrune.AI.Onnx.Language;

/// <summary>One past/present tensor of the KV cache, as the decoder graph names it.</summary>
/// <param name="Past">The name of the input.</param>
/// <param name="Present">The name of the output.</param>
/// <param name="ElementType">Its float type.</param>
/// <param name="Shape">Its shape; what stands for the length in tokens (axis 2) of keys and values does not count.</param>
/// <param name="FixedCapacity">Rows that the layer needs, for sliding-window layers and for graphs with a static length; otherwise
/// <c>null</c>.</param>
/// <param name="IsState">Whether it is a state of fixed size (linear attention, convolution) instead of a row a token.</param>
internal sealed record KeyValueLayer(
    string Past, string Present, TensorElementType ElementType, long[] Shape, int? FixedCapacity = null, bool IsState = false)
{
    /// <summary>The shape with a length in tokens.</summary>
    public long[] ShapeOf(int length) => IsState ? Shape : [Shape[0], Shape[1], length, Shape[3]];
}
