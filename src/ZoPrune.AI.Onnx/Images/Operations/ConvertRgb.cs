namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Exchanges red and blue, whatever the order was: right only behind a BGR decode, but executed literally.</summary>
internal sealed class ConvertRgb(OperationIdentity identity) : PixelOperation(identity, ImageTensorType.UInt8)
{
    public const string TypeName = "ConvertRGB";

    protected override ImageTensor Apply(ImageTensor input, PictureBuffers? buffers) =>
        new(ChannelOrder.Swap(input.Bytes.Span, buffers), input.Shape);
}
