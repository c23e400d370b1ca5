using ZoPrune.AI.Onnx.Images;

namespace ZoPrune.AI.Onnx.Families;

/// <summary>Reads single numbers of image tensors, whatever their type: sizes, grids and masks are small.</summary>
internal static class ImageTensorValues
{
    public static int IntegerAt(this ImageTensor tensor, int index) => tensor.ElementType switch
    {
        ImageTensorType.Int64 => checked((int)tensor.Int64s.Span[index]),
        ImageTensorType.Float32 => (int)tensor.Singles.Span[index],
        ImageTensorType.Bool => tensor.Booleans.Span[index] ? 1 : 0,
        _ => tensor.Bytes.Span[index],
    };

    public static int Count(this ImageTensor tensor)
    {
        var count = 1;
        foreach (var axis in tensor.Shape)
        {
            count *= axis;
        }

        return count;
    }
}
