using System.Numerics.Tensors;

namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Bytes to float32, times a factor.</summary>
internal sealed class Rescale : PixelOperation
{
    public const string TypeName = "Rescale";

    private readonly float _factor;

    public Rescale(OperationIdentity identity, OperationAttributes attributes)
        : base(identity, ImageTensorType.UInt8) =>
        _factor = (float)attributes.Float("rescale_factor", 1f / 255f);

    protected override ImageTensor Apply(ImageTensor input, PictureBuffers? buffers)
    {
        var rescaled = PictureBuffers.Take<float>(buffers, input.Bytes.Length);
        var values = rescaled.Span;
        TensorPrimitives.ConvertTruncating(input.Bytes.Span, values);
        TensorPrimitives.Multiply(values, _factor, values);
        return new ImageTensor(rescaled, input.Shape);
    }
}
