namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Cuts the middle out; an odd remainder leaves the extra row or column at the end.</summary>
internal sealed class CenterCrop : PixelOperation
{
    public const string TypeName = "CenterCrop";

    private readonly int _width;
    private readonly int _height;

    public CenterCrop(OperationIdentity identity, OperationAttributes attributes)
        : base(identity, ImageTensorType.UInt8)
    {
        _width = (int)attributes.Integer("width", 224, 1, int.MaxValue);
        _height = (int)attributes.Integer("height", 224, 1, int.MaxValue);
    }

    public override (int Width, int Height)? SizeAfter((int Width, int Height)? before) => (_width, _height);

    protected override ImageTensor Apply(ImageTensor input, PictureBuffers? buffers)
    {
        var (height, width) = (input.Shape[0], input.Shape[1]);
        if (_width > width || _height > height)
        {
            throw new NotSupportedException($"{Identity} cannot cut {_width} x {_height} pixels out of {width} x {height}.");
        }

        var source = input.Bytes.Span;
        var pixels = PictureBuffers.Take<byte>(buffers, _width * _height * Channels);
        var (left, top) = ((width - _width) / 2, (height - _height) / 2);
        for (var y = 0; y < _height; y++)
        {
            source.Slice((((y + top) * width) + left) * Channels, _width * Channels).CopyTo(pixels.Span[(y * _width * Channels)..]);
        }

        return new ImageTensor(pixels, _height, _width, Channels);
    }
}
