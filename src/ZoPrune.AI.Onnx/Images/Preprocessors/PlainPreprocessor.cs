namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>
/// Resize, centre crop, rescale, normalise, pad: CLIP, SigLIP, ViT, Gemma 3, PaliGemma, FastVLM, LLaVA and whatever says no more than that.
/// </summary>
/// <remarks><c>pixel_values</c>: float32 [1, 3, height, width].</remarks>
internal sealed class PlainPreprocessor : ImagePreprocessor
{
    private readonly byte[]? _squareColour;
    private readonly SizeRule? _size;
    private readonly (int Width, int Height)? _crop;
    private readonly (int Width, int Height)? _pad;
    private readonly PillowResampling _resampling;
    private readonly PixelScaling _scaling;

    public PlainPreprocessor(PreprocessorJson json, PreprocessorDefaults defaults)
    {
        if (json.Flag("do_flip_channel_order", false))
        {
            throw json.Unsupported("asks for 'do_flip_channel_order', which is not supported.");
        }

        if (json.Flag("do_pan_and_scan", false))
        {
            throw json.Unsupported("asks for 'do_pan_and_scan', which is not supported: set it to false to show whole images only.");
        }

        var isCropped = json.Flag("do_center_crop", defaults.IsCropped);
        var size = json.Size("size", isSquare: !defaults.IsCropped) ?? defaults.Size;
        var crop = json.Size("crop_size", isSquare: true)?.Fixed ?? size.Fixed ?? Square(size.ShortestEdge);
        _size = json.Flag("do_resize", true) ? size : null;
        _crop = isCropped ? crop ?? throw json.Fault("has no 'crop_size' of height and width.") : null;
        _resampling = json.Resampling(defaults.Resampling);
        _scaling = json.Scaling(defaults.Mean, defaults.Deviation);
        var isPadded = json.Flag("do_pad", false);
        _squareColour = isPadded && defaults.PadsToSquare ? json.MeanColour(defaults.Mean) : null;
        var pad = json.Size("pad_size", isSquare: true)?.Fixed;
        _pad = isPadded && !defaults.PadsToSquare ? pad : null;
    }

    public override ImageLayout LayoutOf(int width, int height)
    {
        var (newWidth, newHeight) = SizeOf(width, height);
        var (frameWidth, frameHeight) = _crop ?? (newWidth, newHeight);
        if (_pad is var (padWidth, padHeight))
        {
            RgbPixels.CheckSize(padWidth, padHeight, width, height);
            if (padWidth < frameWidth || padHeight < frameHeight)
            {
                throw new NotSupportedException(
                    $"An image of {width} x {height} pixels cannot be processed: {frameWidth} x {frameHeight} do not fit into the padded "
                    + $"size of {padWidth} x {padHeight}.");
            }

            (frameWidth, frameHeight) = (padWidth, padHeight);
        }

        return new ImageLayout(width, height, frameWidth, frameHeight);
    }

    public override PreprocessedImage Process(RgbImage image, PictureBuffers? buffers = null)
    {
        var layout = LayoutOf(image.Width, image.Height);
        var pixels = new RgbPixels(image, buffers);
        if (_squareColour is not null)
        {
            pixels = pixels.PadToSquare(_squareColour);
        }

        var (newWidth, newHeight) = SizeOf(image.Width, image.Height);
        pixels = pixels.Resize(newWidth, newHeight, _resampling);
        if (_crop is var (cropWidth, cropHeight))
        {
            pixels = pixels.CropCentre(cropWidth, cropHeight);
        }

        var (width, height) = (layout.FrameWidth, layout.FrameHeight);
        var values = PictureBuffers.TakeCleared<float>(buffers, RgbPixels.Channels * width * height);
        _scaling.WritePlanes(pixels, values.Span, width, height);
        var inputs = new Dictionary<string, ImageTensor>(StringComparer.Ordinal)
        {
            [PreprocessedImage.PixelValues] = new(values, 1, RgbPixels.Channels, height, width),
        };
        return new PreprocessedImage(inputs, layout);
    }

    private static (int Width, int Height)? Square(int? side) => side is { } length ? (length, length) : null;

    private (int Width, int Height) SizeOf(int width, int height)
    {
        if (_squareColour is not null)
        {
            width = height = Math.Max(width, height);
        }

        return _size?.SizeOf(width, height) ?? (width, height);
    }
}
