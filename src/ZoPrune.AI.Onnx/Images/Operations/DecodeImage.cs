namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>The colour order of the decoded picture. The decoding itself is <see cref="ImageDecoder"/>'s and comes before.</summary>
internal sealed class DecodeImage : PixelOperation
{
    public const string TypeName = "DecodeImage";

    private readonly bool _swap;

    public DecodeImage(OperationIdentity identity, OperationAttributes attributes)
        : base(identity, ImageTensorType.UInt8)
    {
        var order = attributes.Text("color_space", "RGB");
        _swap = order.ToUpperInvariant() switch
        {
            "RGB" => false,
            "BGR" => true,
            _ => throw identity.Fault($"has 'color_space' = \"{order}\"; it must be RGB or BGR."),
        };
    }

    protected override ImageTensor Apply(ImageTensor input, PictureBuffers? buffers) =>
        _swap ? new ImageTensor(ChannelOrder.Swap(input.Bytes.Span, buffers), input.Shape) : input;
}
