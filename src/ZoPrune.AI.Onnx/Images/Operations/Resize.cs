using ZoPrune.AI.Onnx.Images.Resampling;

namespace ZoPrune.AI.Onnx.Images.Operations;

/// <summary>Resizes to the configured size, or to the size that <see cref="SmartResize"/> gives.</summary>
/// <remarks>
/// <c>keep_aspect_ratio</c> is read but has no effect, as in ONNX Runtime GenAI 0.11.4 and later: the picture is stretched.
/// </remarks>
internal sealed class Resize : PixelOperation
{
    public const string TypeName = "Resize";

    private const int MaxSide = 1 << 16;

    private readonly (int Width, int Height) _size;
    private readonly SmartResize? _smart;
    private readonly ResampleFilter _filter;

    public Resize(OperationIdentity identity, OperationAttributes attributes)
        : base(identity, ImageTensorType.UInt8)
    {
        _size = ((int)attributes.Integer("width", 256, 1, MaxSide), (int)attributes.Integer("height", 256, 1, MaxSide));
        _ = attributes.Flag("keep_aspect_ratio", true);
        _filter = FilterOf(attributes.Text("interpolation", "CUBIC"), identity);
        var isSmart = attributes.Flag("smart_resize", false);
        var minPixels = attributes.Integer("min_pixels", 3136, 0);
        var maxPixels = attributes.Integer("max_pixels", 12845056, 1);
        var factor = attributes.Integer("patch_size", 14, 1, MaxSide) * attributes.Integer("merge_size", 2, 1, MaxSide);
        _smart = isSmart ? new SmartResize(factor, minPixels, maxPixels) : null;
    }

    public override (int Width, int Height)? SizeAfter((int Width, int Height)? before) => _smart is null ? _size : null;

    protected override ImageTensor Apply(ImageTensor input, PictureBuffers? buffers)
    {
        var (height, width) = (input.Shape[0], input.Shape[1]);
        var (newWidth, newHeight) = _smart?.SizeOf(width, height) ?? _size;
        if (newWidth < 1 || newHeight < 1 || newWidth > MaxSide || newHeight > MaxSide
            || Math.Max(newWidth * newHeight, newWidth * height) > Array.MaxLength / Channels)
        {
            throw new NotSupportedException($"{Identity} cannot turn {width} x {height} pixels into {newWidth} x {newHeight}.");
        }

        var pixels = ByteResampler.Resize(input.Bytes, width, height, (int)newWidth, (int)newHeight, _filter, columnsFirst: false, buffers);
        return new ImageTensor(pixels, (int)newHeight, (int)newWidth, Channels);
    }

    private static ResampleFilter FilterOf(string interpolation, OperationIdentity identity) => interpolation switch
    {
        "LINEAR" => ResampleFilter.Linear,
        "CUBIC" => ResampleFilter.Cubic,
        "LANCZOS" => ResampleFilter.Lanczos3,
        "NEAREST" => throw new NotSupportedException($"{identity} asks for NEAREST, which ONNX Runtime GenAI does not execute either."),
        _ => throw identity.Fault($"has 'interpolation' = \"{interpolation}\"; it must be LINEAR, CUBIC or LANCZOS."),
    };
}
