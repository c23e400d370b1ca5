using ZoPrune.AI.Onnx.Images.Operations;

namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>Qwen2-VL, Qwen2.5-VL, Qwen3-VL: a size of their own for each picture, cut into rows of patches.</summary>
/// <remarks><c>pixel_values</c>: float32 [patches, 3 x temporal x patch x patch]; <c>image_grid_thw</c>: int64 [1, 3].</remarks>
internal sealed class QwenPreprocessor : ImagePreprocessor
{
    private const double MaxRatio = 200;

    private readonly MergedPatches _patches;
    private readonly bool _isResized;
    private readonly long _leastPixels;
    private readonly long _mostPixels;
    private readonly PillowResampling _resampling;
    private readonly PixelScaling _scaling;

    public QwenPreprocessor(PreprocessorJson json)
    {
        const int largest = 1 << 14;
        _patches = new MergedPatches(
            (int)(json.Integer("patch_size", 1, largest) ?? 14),
            (int)(json.Integer("temporal_patch_size", 1, largest) ?? 2),
            (int)(json.Integer("merge_size", 1, largest) ?? 2));

        // Here the names of the edges mean pixel counts; the older names win where both are given.
        _leastPixels = json.Integer("min_pixels", 0) ?? json.Part("size", "shortest_edge") ?? json.Part("size", "min_pixels") ?? 56 * 56;
        _mostPixels = json.Integer("max_pixels") ?? json.Part("size", "longest_edge") ?? json.Part("size", "max_pixels") ?? 28 * 28 * 1280;
        _isResized = json.Flag("do_resize", true);
        _resampling = json.Resampling(PreprocessorDefaults.Clip.Resampling);
        _scaling = json.Scaling(PreprocessorDefaults.Clip.Mean, PreprocessorDefaults.Clip.Deviation);
    }

    public override ImageLayout LayoutOf(int width, int height)
    {
        var (newWidth, newHeight) = SizeOf(width, height);
        return new ImageLayout(width, height, newWidth, newHeight)
        {
            PatchGrid = (newHeight / _patches.Patch, newWidth / _patches.Patch),
        };
    }

    public override PreprocessedImage Process(RgbImage image, PictureBuffers? buffers = null)
    {
        var layout = LayoutOf(image.Width, image.Height);
        var pixels = new RgbPixels(image, buffers).Resize(layout.FrameWidth, layout.FrameHeight, _resampling);
        var patches = _patches.Cut(_scaling.ToInterleaved(pixels).Span, pixels.Width, pixels.Height, buffers);
        var inputs = new Dictionary<string, ImageTensor>(StringComparer.Ordinal)
        {
            [PreprocessedImage.PixelValues] = patches[0],
            [PreprocessedImage.ImageGridThw] = patches[1],
        };
        return new PreprocessedImage(inputs, layout);
    }

    private (int Width, int Height) SizeOf(int width, int height)
    {
        if (!_isResized)
        {
            return _patches.Fit(width, height)
                ? (width, height)
                : throw new NotSupportedException(
                    $"An image of {width} x {height} pixels cannot be processed: without resizing, both sides must be multiples of "
                    + $"{_patches.Factor}.");
        }

        if (Math.Max(width, height) / (double)Math.Min(width, height) > MaxRatio)
        {
            throw new NotSupportedException(
                $"An image of {width} x {height} pixels cannot be processed: this model takes aspect ratios up to {MaxRatio}.");
        }

        // Python's round: halves go to the even neighbour.
        var factor = (double)_patches.Factor;
        var newWidth = (long)(Math.Round(width / factor) * factor);
        var newHeight = (long)(Math.Round(height / factor) * factor);
        if (newWidth * newHeight > _mostPixels)
        {
            var shrink = Math.Sqrt((double)((long)width * height) / _mostPixels);
            newWidth = Math.Max(_patches.Factor, (long)(Math.Floor(width / shrink / factor) * factor));
            newHeight = Math.Max(_patches.Factor, (long)(Math.Floor(height / shrink / factor) * factor));
        }
        else if (newWidth * newHeight < _leastPixels)
        {
            var grow = Math.Sqrt(_leastPixels / (double)((long)width * height));
            newWidth = (long)(Math.Ceiling(width * grow / factor) * factor);
            newHeight = (long)(Math.Ceiling(height * grow / factor) * factor);
        }

        RgbPixels.CheckSize(newWidth, newHeight, width, height);
        return ((int)newWidth, (int)newHeight);
    }
}
