namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>Idefics3, SmolVLM, SmolDocling: tiles of one size row by row, the whole picture last.</summary>
/// <remarks>
/// <c>pixel_values</c>: float32 [1, frames, 3, side, side]; <c>pixel_attention_mask</c>: Bool [1, frames, side, side], all true. Not split,
/// or small enough: one frame and no rows and columns.
/// </remarks>
internal sealed class Idefics3Preprocessor : ImagePreprocessor
{
    private const int MostSide = 4096;

    private readonly int _side;
    private readonly bool _isSplit;
    private readonly SizeRule? _size;
    private readonly PillowResampling _resampling;
    private readonly PixelScaling _scaling;

    public Idefics3Preprocessor(PreprocessorJson json, ImagePreprocessorOptions options)
    {
        var defaults = PreprocessorDefaults.Idefics3;
        var size = json.Size("size", isSquare: false) ?? defaults.Size;
        if (size.LongestEdge is null && size.Fixed is null)
        {
            throw json.Fault("has a 'size' without 'longest_edge' and without 'height' and 'width'.");
        }

        _size = json.Flag("do_resize", true) ? size : null;
        _side = (int)(json.Part("max_image_size", "longest_edge") ?? 364);
        if (_side is < 1 or > MostSide)
        {
            throw json.Fault($"has 'max_image_size.longest_edge' = {_side}; it must lie between 1 and {MostSide}.");
        }

        _isSplit = options.SplitImages ?? json.Flag("do_image_splitting", true);
        _resampling = json.Resampling(defaults.Resampling);
        _scaling = json.Scaling(defaults.Mean, defaults.Deviation);
    }

    public override ImageLayout LayoutOf(int width, int height)
    {
        var (rows, columns) = (0, 0);
        if (_isSplit)
        {
            var (fittedWidth, fittedHeight) = FitTiles(ResizedSize(width, height));
            RgbPixels.CheckSize(fittedWidth, fittedHeight, width, height);
            if (fittedWidth > _side || fittedHeight > _side)
            {
                (rows, columns) = (fittedHeight / _side, fittedWidth / _side);
            }
        }

        return new ImageLayout(width, height, _side, _side, new TileLayout(rows, columns, GlobalFrame.Last));
    }

    public override PreprocessedImage Process(RgbImage image, PictureBuffers? buffers = null)
    {
        var layout = LayoutOf(image.Width, image.Height);
        var tiles = layout.Tiles!;
        var (width, height) = ResizedSize(image.Width, image.Height);
        var pixels = new RgbPixels(image, buffers).Resize(width, height, _resampling);
        var frames = new List<RgbPixels>(tiles.Frames);
        if (_isSplit)
        {
            var (fittedWidth, fittedHeight) = FitTiles((width, height));
            pixels = pixels.Resize(fittedWidth, fittedHeight, _resampling);
            for (var tile = 0; tile < tiles.Rows * tiles.Columns; tile++)
            {
                frames.Add(pixels.Cut(tile % tiles.Columns * _side, tile / tiles.Columns * _side, _side, _side));
            }
        }

        frames.Add(pixels.Resize(_side, _side, _resampling));
        var mask = PictureBuffers.Take<bool>(buffers, frames.Count * _side * _side);
        mask.Span.Fill(true);
        var inputs = new Dictionary<string, ImageTensor>(StringComparer.Ordinal)
        {
            [PreprocessedImage.PixelValues] = _scaling.ToTensor(frames, 1, frames.Count),
            [PreprocessedImage.PixelAttentionMask] = new(mask, 1, frames.Count, _side, _side),
        };
        return new PreprocessedImage(inputs, layout);
    }

    private static (int Width, int Height) ScaleLongSide(int width, int height, int longSide, bool isEven)
    {
        var ratio = (double)width / height;
        var shortSide = width >= height ? (int)(longSide / ratio) : (int)(longSide * ratio);
        shortSide = Math.Max(1, isEven ? shortSide + (shortSide % 2) : shortSide);
        return width >= height ? (longSide, shortSide) : (shortSide, longSide);
    }

    private (int Width, int Height) ResizedSize(int width, int height)
    {
        if (_size?.Fixed is { } exact)
        {
            return exact;
        }

        if (_size?.LongestEdge is not { } longest)
        {
            return (width, height);
        }

        (width, height) = ScaleLongSide(width, height, longest, isEven: true);
        return Math.Max(width, height) > MostSide ? ScaleLongSide(width, height, MostSide, isEven: false) : (width, height);
    }

    /// <summary>Both sides up to the next multiple of a tile, the short one from the ratio.</summary>
    private (int Width, int Height) FitTiles((int Width, int Height) size)
    {
        var ratio = (double)size.Width / size.Height;
        if (size.Width >= size.Height)
        {
            var width = RoundUp(size.Width);
            return (width, RoundUp((int)(width / ratio)));
        }

        var height = RoundUp(size.Height);
        return (RoundUp((int)(height * ratio)), height);
    }

    private int RoundUp(int length) => (int)Math.Ceiling((double)length / _side) * _side;
}
