using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>Views of image tensors in the shapes that vision graphs want.</summary>
internal static class ImageTensorShapes
{
    /// <summary>The same tensor with a leading axis of one image.</summary>
    public static ImageTensor WithBatchAxis(this ImageTensor tensor)
    {
        ReadOnlySpan<int> shape = [1, .. tensor.Shape];
        return tensor.ElementType switch
        {
            ImageTensorType.Float32 => new ImageTensor(tensor.Singles, shape),
            ImageTensorType.Int64 => new ImageTensor(tensor.Int64s, shape),
            _ => new ImageTensor(tensor.Bytes, shape),
        };
    }
}
