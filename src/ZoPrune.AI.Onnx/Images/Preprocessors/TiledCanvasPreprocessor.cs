namespace ZoPrune.AI.Onnx.Images.Preprocessors;

/// <summary>GOT-OCR2 and InternVL: the picture stretched over the grid of tiles with the closest ratio, the whole picture last.</summary>
/// <remarks><c>pixel_values</c>: float32 [frames, 3, height, width]; one frame where pictures are not cut or one tile is closest.</remarks>
internal sealed class TiledCanvasPreprocessor : ImagePreprocessor
{
    private const int MostTiles = 1024;

    private readonly bool _isSplit;
    private readonly int _least;
    private readonly int _most;
    private readonly (int Width, int Height) _tile;
    private readonly bool _isResized;
    private readonly PillowResampling _resampling;
    private readonly PixelScaling _scaling;

    public TiledCanvasPreprocessor(PreprocessorJson json, ImagePreprocessorOptions options)
    {
        var defaults = PreprocessorDefaults.Square384;
        _tile = (json.Size("size", isSquare: true) ?? defaults.Size).Fixed
            ?? throw json.Fault("has a 'size' without 'height' and 'width'.");
        _isSplit = options.SplitImages ?? json.Flag("crop_to_patches", false);
        _least = (int)(json.Integer("min_patches", 1, MostTiles) ?? 1);
        _most = (int)(json.Integer("max_patches", 1, MostTiles) ?? 12);
        _isResized = json.Flag("do_resize", true);
        _resampling = json.Resampling(defaults.Resampling);
        _scaling = json.Scaling(defaults.Mean, defaults.Deviation);
    }

    public override ImageLayout LayoutOf(int width, int height)
    {
        if (!_isSplit)
        {
            return _isResized
                ? new ImageLayout(width, height, _tile.Width, _tile.Height)
                : new ImageLayout(width, height, width, height);
        }

        var (columns, rows) = GridOf(width, height);
        RgbPixels.CheckSize((long)columns * _tile.Width, (long)rows * _tile.Height, width, height);
        var global = columns * rows == 1 ? GlobalFrame.None : GlobalFrame.Last;
        return new ImageLayout(width, height, _tile.Width, _tile.Height, new TileLayout(rows, columns, global));
    }

    public override PreprocessedImage Process(RgbImage image, PictureBuffers? buffers = null)
    {
        var layout = LayoutOf(image.Width, image.Height);
        var pixels = new RgbPixels(image, buffers);
        var frames = new List<RgbPixels>(layout.Frames);
        if (layout.Tiles is { } tiles)
        {
            var canvas = pixels.Resize(tiles.Columns * _tile.Width, tiles.Rows * _tile.Height, _resampling);
            for (var tile = 0; tile < tiles.Rows * tiles.Columns; tile++)
            {
                var (row, column) = Math.DivRem(tile, tiles.Columns);
                frames.Add(canvas.Cut(column * _tile.Width, row * _tile.Height, _tile.Width, _tile.Height));
            }
        }

        if (layout.Tiles is not { Global: GlobalFrame.None })
        {
            frames.Add(pixels.Resize(layout.FrameWidth, layout.FrameHeight, _resampling));
        }

        var inputs = new Dictionary<string, ImageTensor>(StringComparer.Ordinal)
        {
            [PreprocessedImage.PixelValues] = _scaling.ToTensor(frames, frames.Count),
        };
        return new PreprocessedImage(inputs, layout);
    }

    /// <summary>
    /// The grid whose ratio is closest; of equally close ones the larger, as long as it does not have more than twice the picture's area.
    /// </summary>
    private (int Columns, int Rows) GridOf(int width, int height)
    {
        var ratio = (double)width / height;
        var area = (long)width * height;
        var (best, bestDifference) = ((Columns: 1, Rows: 1), double.PositiveInfinity);
        for (var tiles = _least; tiles <= _most; tiles++)
        {
            for (var columns = 1; columns <= tiles; columns++)
            {
                if (tiles % columns != 0)
                {
                    continue;
                }

                var rows = tiles / columns;
                var difference = Math.Abs(ratio - ((double)columns / rows));
                if (difference < bestDifference
                    || (difference == bestDifference && area > 0.5 * _tile.Height * _tile.Width * columns * rows))
                {
                    (best, bestDifference) = ((columns, rows), difference);
                }
            }
        }

        return best;
    }
}
