namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>Pixtral: shrunk to a longest side, both sides up to whole patches.</summary>
/// <remarks><c>pixel_values</c>: float32 [1, 3, height, width]; <c>image_sizes</c>: int64 [1, 2], that height and width.</remarks>
internal sealed class PixtralPreprocessor : ImagePreprocessor
{
    private readonly (int Width, int Height)? _most;
    private readonly (int Width, int Height) _patch;
    private readonly PillowResampling _resampling;
    private readonly PixelScaling _scaling;

    public PixtralPreprocessor(PreprocessorJson json)
    {
        var defaults = PreprocessorDefaults.Pixtral;
        var size = json.Size("size", isSquare: true) ?? defaults.Size;
        var most = size.Fixed ?? (size.LongestEdge is { } side ? (side, side) : throw json.Fault(
            "has a 'size' without 'longest_edge' and without 'height' and 'width'."));
        _most = json.Flag("do_resize", true) ? most : null;
        _patch = json.Size("patch_size", isSquare: true) is { } patch
            ? patch.Fixed ?? throw json.Fault("has a 'patch_size' without 'height' and 'width'.")
            : (16, 16);
        _resampling = json.Resampling(defaults.Resampling);
        _scaling = json.Scaling(defaults.Mean, defaults.Deviation);
    }

    public override ImageLayout LayoutOf(int width, int height)
    {
        var (newWidth, newHeight) = SizeOf(width, height);
        return new ImageLayout(width, height, newWidth, newHeight)
        {
            PatchGrid = (newHeight / _patch.Height, newWidth / _patch.Width),
        };
    }

    public override PreprocessedImage Process(RgbImage image, PictureBuffers? buffers = null)
    {
        var layout = LayoutOf(image.Width, image.Height);
        var pixels = new RgbPixels(image, buffers).Resize(layout.FrameWidth, layout.FrameHeight, _resampling);
        var inputs = new Dictionary<string, ImageTensor>(StringComparer.Ordinal)
        {
            [PreprocessedImage.PixelValues] = _scaling.ToTensor([pixels], 1),
            [PreprocessedImage.ImageSizes] = new(new long[] { pixels.Height, pixels.Width }, 1, 2),
        };
        return new PreprocessedImage(inputs, layout);
    }

    private (int Width, int Height) SizeOf(int width, int height)
    {
        if (_most is not var (mostWidth, mostHeight))
        {
            return (width, height);
        }

        var ratio = Math.Max((double)height / mostHeight, (double)width / mostWidth);
        var (newWidth, newHeight) = ratio > 1
            ? ((int)Math.Floor(width / ratio), (int)Math.Floor(height / ratio))
            : (width, height);

        // Python's integer division rounds down, so a side of 0 stays 0 and is refused here.
        newWidth = newWidth < 1 ? 0 : (((newWidth - 1) / _patch.Width) + 1) * _patch.Width;
        newHeight = newHeight < 1 ? 0 : (((newHeight - 1) / _patch.Height) + 1) * _patch.Height;
        RgbPixels.CheckSize(newWidth, newHeight, width, height);
        return (newWidth, newHeight);
    }
}
